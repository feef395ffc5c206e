import type { Value } from "./connection.ts";
import { unpark } from "./receipt-applier.ts";
import type { UnitOfWork } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

/** Rows of one look: all that may be parked are gone through within ten minutes, and kept for fifteen. */
export const LOOKED_AT_ONCE = 5_000;

const KEY = "carrier_id, key, receipt_id";
const LOWEST: readonly Value[] = [
  "00000000-0000-0000-0000-000000000000",
  "",
  "00000000-0000-0000-0000-000000000000",
];

/** Those of a slice whose key is known, and the last of the slice. */
export const OVERLOOKED_SQL = {
  name: "parked_overlooked",
  text: `
  WITH looked AS MATERIALIZED (
    SELECT ${KEY}, row_number() OVER (ORDER BY ${KEY}) AS place FROM parked_receipts
    WHERE (${KEY}) > ($1::uuid, $2::text, $3::uuid) ORDER BY ${KEY} LIMIT ${LOOKED_AT_ONCE}
  )
  SELECT * FROM (
    SELECT p.*, (SELECT 1 FROM receipt_keys r WHERE r.carrier_id = p.carrier_id AND r.key = p.key LIMIT 1) IS NOT NULL AS known
    FROM looked p) AS p
  WHERE known OR place = ${LOOKED_AT_ONCE} ORDER BY place`,
} as const;

interface LookedRow {
  readonly carrier_id: string;
  readonly key: string;
  readonly receipt_id: string;
  readonly known: boolean;
  readonly place: number;
}

/** Where the look before ended of those that go through all parked receipts again and again. */
export class OverlookedReceipts {
  #after: readonly Value[] = LOWEST;

  /**
   * Applies parked receipts whose key is known by now: both ends looked before the other had committed, and the look after the
   * commit was cut short.
   */
  async unpark(unit: UnitOfWork, context: WriterContext): Promise<void> {
    const rows = await unit.session.rows<LookedRow>(OVERLOOKED_SQL, this.#after);
    const last = rows.at(-1);
    this.#after = last?.place === LOOKED_AT_ONCE ? [last.carrier_id, last.key, last.receipt_id] : LOWEST;
    const known = rows.filter((row) => row.known);
    await unpark(
      unit,
      context,
      known.map(({ carrier_id, key }) => ({ carrierId: carrier_id, key })),
    );
  }
}
