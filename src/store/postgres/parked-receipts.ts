import type { Receipt } from "../../domain/receipt.ts";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { flags, ids, numbers, texts } from "./array-literals.ts";
import type { Database, Session } from "./connection.ts";
import type { WriterContext } from "./writer-context.ts";

/** Rows of parked receipts; beyond about so many a receipt is refused, and its carrier sends it again later (promise P8). */
export const PARKED_ROWS_LIMIT = 500_000;

/** A carrier's key, as receipts and responses name it. */
export interface CarrierKey {
  readonly carrierId: string;
  readonly key: string;
}

export interface ParkedReceipt {
  readonly id: string;
  readonly receipt: Receipt;
}

/**
 * How many rows a table has, by PostgreSQL's own counters, which are some seconds late. To count them for each row that is
 * added took a quarter of a second among 100,000.
 */
export const ROWS_OF = (table: string) => `pg_stat_get_live_tuples('${table}'::regclass)`;

export const PARKED_SQL = {
  /** Refuses by writing nothing when the table is full. */
  insert: {
    name: "parked_insert",
    text: `
    INSERT INTO parked_receipts (carrier_id, key, receipt_id, at, is_first, receipt)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::boolean[], $6::text[])
    WHERE ${ROWS_OF("parked_receipts")} < $7`,
  },
  find: {
    name: "parked_find",
    text: `
    SELECT DISTINCT p.receipt_id, p.receipt FROM unnest($1::uuid[], $2::text[]) AS u (k, key)
      CROSS JOIN LATERAL (
        SELECT receipt_id, receipt FROM parked_receipts WHERE carrier_id = u.k AND key = u.key OFFSET 0) AS p
    ORDER BY p.receipt_id`,
  },
  remove: {
    name: "parked_remove",
    text: `
    DELETE FROM parked_receipts p USING unnest($1::uuid[], $2::text[], $3::uuid[]) AS u (k, key, id) CROSS JOIN LATERAL (
      SELECT ctid FROM parked_receipts WHERE carrier_id = u.k AND key = u.key AND receipt_id = u.id OFFSET 0) AS f (place)
    WHERE p.ctid = f.place RETURNING p.receipt_id`,
  },
  old: {
    name: "parked_old",
    text: `
    SELECT receipt_id, receipt FROM parked_receipts WHERE is_first AND at <= $1 ORDER BY at LIMIT $2
    FOR UPDATE SKIP LOCKED`,
  },
} as const;

interface ParkedRow {
  readonly receipt_id: string;
  readonly receipt: string;
}

/** Keeps receipts that match nothing yet. */
export async function parkReceipts(
  session: Session,
  { ids: idMaker, clock }: WriterContext,
  receipts: readonly Receipt[],
): Promise<void> {
  const rows = receipts.flatMap((receipt) => {
    const id = idMaker.at(clock.now()); // ids of one process sort as receipts came
    const json = JSON.stringify(receipt);
    return keysOf(receipt).map((key, index) => ({ receipt, id, json, key, isFirst: index === 0 }));
  });
  const inserted = await session.run(PARKED_SQL.insert, [
    ids(rows.map(({ receipt }) => receipt.carrierId)),
    texts(rows.map(({ key }) => key)),
    ids(rows.map(({ id }) => id)),
    numbers(rows.map(({ receipt }) => receipt.at)),
    flags(rows.map(({ isFirst }) => isFirst)),
    texts(rows.map(({ json }) => json)),
    PARKED_ROWS_LIMIT,
  ]);
  if (inserted < rows.length)
    throw new StoreUnavailable("busy", `more than ${PARKED_ROWS_LIMIT} receipts wait for their messages`);
}

/** The receipts that wait under keys, in the order they came. */
export async function findParked(
  session: Pick<Session, "rows">,
  keys: readonly CarrierKey[],
): Promise<readonly ParkedReceipt[]> {
  if (keys.length === 0) return [];
  const columns = [ids(keys.map(({ carrierId }) => carrierId)), texts(keys.map(({ key }) => key))];
  return (await session.rows<ParkedRow>(PARKED_SQL.find, columns)).map(readParked);
}

/** Whether receipts wait under keys. */
export async function hasParked(database: Database, keys: readonly CarrierKey[]): Promise<boolean> {
  const session = { rows: <Row>(...query: Parameters<Session["rows"]>) => database.read<Row>(...query) };
  return (await findParked(session, keys)).length > 0;
}

/** Takes receipts out; answers those that no other transaction took meanwhile. */
export async function removeParked(
  session: Session,
  parked: readonly ParkedReceipt[],
): Promise<readonly ParkedReceipt[]> {
  const rows = parked.flatMap(({ id, receipt }) => keysOf(receipt).map((key) => ({ id, receipt, key })));
  if (rows.length === 0) return [];
  const removed = await session.rows<{ receipt_id: string }>(PARKED_SQL.remove, [
    ids(rows.map(({ receipt }) => receipt.carrierId)),
    texts(rows.map(({ key }) => key)),
    ids(rows.map(({ id }) => id)),
  ]);
  const taken = new Set(removed.map(({ receipt_id }) => receipt_id));
  return parked.filter(({ id }) => taken.has(id));
}

/** Drops at most `limit` receipts that came at `until` or before; answers how many. */
export async function dropOldParked(session: Session, until: number, limit: number): Promise<number> {
  const rows = await session.rows<ParkedRow>(PARKED_SQL.old, [until, limit]);
  return (await removeParked(session, rows.map(readParked))).length;
}

function readParked({ receipt_id: id, receipt }: ParkedRow): ParkedReceipt {
  return { id, receipt: JSON.parse(receipt) as Receipt }; // only parkReceipts writes the column
}

/** A receipt that names no key at all is kept under the empty one, to be counted. */
function keysOf(receipt: Receipt): string[] {
  return receipt.keys.length === 0 ? [""] : [...new Set(receipt.keys)];
}
