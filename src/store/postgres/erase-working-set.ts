import { ERASED, isNumberSql } from "./address-sql.ts";
import type { Statement, Value } from "./connection.ts";
import type { ErasureStage } from "./erase-number.ts";
import { HANDSET_KEY } from "./opting-out.ts";

const GATHERING_KEY = "carrier_id, source, destination, reference, total";
const THE_GATHERING =
  "carrier_id = $1 AND source = $2 AND destination = $3 AND reference = $4 AND total = $5";
const LOWEST = "00000000-0000-0000-0000-000000000000";

export const ERASE_WORKING_SET_SQL = {
  sliceGatherings: {
    name: "erase_slice_gatherings",
    text: `
    SELECT ${GATHERING_KEY}, ${isNumberSql("source", "$7::text")} OR ${isNumberSql("destination", "$7::text")} AS meant
    FROM gatherings WHERE (${GATHERING_KEY}) > ($1, $2, $3, $4, $5) ORDER BY ${GATHERING_KEY} LIMIT $6`,
  },
  removeParts: { name: "erase_parts", text: `DELETE FROM gathered_parts WHERE ${THE_GATHERING}` },
  removeGathering: { name: "erase_gathering", text: `DELETE FROM gatherings WHERE ${THE_GATHERING}` },
  /** Receipts name a number by its digits alone. */
  sliceParked: {
    name: "erase_slice_parked",
    text: `
    SELECT carrier_id, key, receipt_id, receipt::json ->> 'destination' = $5::text AS meant FROM parked_receipts
    WHERE (carrier_id, key, receipt_id) > ($1, $2, $3) ORDER BY carrier_id, key, receipt_id LIMIT $4`,
  },
  /** It still finds its message by its key. */
  eraseParked: {
    name: "erase_parked",
    text: `
    UPDATE parked_receipts SET receipt = (receipt::jsonb || '{"destination": "", "words": ""}')::text
    WHERE carrier_id = $1 AND key = $2 AND receipt_id = $3`,
  },
  sliceKeys: {
    name: "erase_slice_keys",
    text: `
    SELECT customer_id, key, position('"' || $4::text || '"' IN answer) > 0 OR position('"+' || $4 || '"' IN answer) > 0 AS meant
    FROM idempotency WHERE (customer_id, key) > ($1, $2) ORDER BY customer_id, key LIMIT $3`,
  },
  eraseKey: {
    name: "erase_key",
    text: `
    UPDATE idempotency
    SET answer = replace(replace(answer, '"' || $3::text || '"', '"${ERASED}"'), '"+' || $3 || '"', '"${ERASED}"')
    WHERE customer_id = $1 AND key = $2`,
  },
  sliceOptOuts: {
    name: "erase_slice_opt_outs",
    text: `
    SELECT customer_id, opt_out_id, true AS meant FROM opt_outs
    WHERE handset_key = ${HANDSET_KEY("$4")} AND (customer_id, opt_out_id) > ($1, $2)
    ORDER BY customer_id, opt_out_id LIMIT $3`,
  },
  eraseOptOut: {
    name: "erase_opt_out",
    text: `
    UPDATE opt_outs SET handset = '${ERASED}' WHERE customer_id = $1 AND opt_out_id = $2 AND handset <> '${ERASED}'`,
  },
} as const;

type SliceRow = Readonly<Record<string, Value>>;

/** What is kept of a number beside the archive. The hash in an opt-out stays, so that it goes on holding. */
export const WORKING_SET_ERASURE: readonly ErasureStage[] = [
  stageOf(
    ERASE_WORKING_SET_SQL.sliceGatherings,
    { columns: GATHERING_KEY.split(", "), start: [LOWEST, "", "", -1, -1] },
    async ({ session }, key, { done }) => {
      done.parts += await session.run(ERASE_WORKING_SET_SQL.removeParts, key);
      await session.run(ERASE_WORKING_SET_SQL.removeGathering, key);
    },
  ),
  stageOf(
    ERASE_WORKING_SET_SQL.sliceParked,
    { columns: ["carrier_id", "key", "receipt_id"], start: [LOWEST, "", LOWEST] },
    async ({ session }, key) => void (await session.run(ERASE_WORKING_SET_SQL.eraseParked, key)),
  ),
  stageOf(
    ERASE_WORKING_SET_SQL.sliceKeys,
    { columns: ["customer_id", "key"], start: [LOWEST, ""] },
    async ({ session }, key, { digits }) =>
      void (await session.run(ERASE_WORKING_SET_SQL.eraseKey, [...key, digits])),
  ),
  stageOf(
    ERASE_WORKING_SET_SQL.sliceOptOuts,
    { columns: ["customer_id", "opt_out_id"], start: [LOWEST, LOWEST] },
    async ({ session }, key, { done }) => {
      done.optOuts += await session.run(ERASE_WORKING_SET_SQL.eraseOptOut, key);
    },
  ),
];

type Sweep = ErasureStage["sweep"];

function stageOf(
  slice: Statement,
  { columns, start }: { readonly columns: readonly string[]; readonly start: readonly Value[] },
  erase: (unit: Parameters<Sweep>[0], key: readonly Value[], erasure: Parameters<Sweep>[3]) => Promise<void>,
): ErasureStage {
  return {
    start,
    async sweep(unit, after, limit, erasure) {
      const rows = await unit.session.rows<SliceRow>(slice, [...after, limit, erasure.digits]);
      const keys = rows.map((row) => columns.map((column) => row[column] ?? null));
      for (const [index, row] of rows.entries())
        if (row["meant"] === true) await erase(unit, keys[index] ?? [], erasure);
      return keys;
    },
  };
}
