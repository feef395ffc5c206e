import { ERASED, isNumberSql } from "./address-sql.ts";
import { bytes, type Cell, integer, text } from "./connection.ts";
import type { ErasureStage } from "./erase-number.ts";
import { handsetKey } from "./opt-out-rows.ts";
import type { WriterContext } from "./writer-context.ts";

const NO_BYTES = new Uint8Array(0);
const GATHERING_KEY = "carrier_id, source, destination, reference, total";
const THE_GATHERING = "carrier_id = ? AND source = ? AND destination = ? AND reference = ? AND total = ?";

export const ERASE_WORKING_SET_SQL = {
  sliceGatherings: `
    SELECT ${GATHERING_KEY}, ${isNumberSql("source", "?7")} OR ${isNumberSql("destination", "?7")} FROM gatherings
    WHERE (${GATHERING_KEY}) > (?1, ?2, ?3, ?4, ?5) ORDER BY ${GATHERING_KEY} LIMIT ?6`,
  removeParts: `DELETE FROM gathered_parts WHERE ${THE_GATHERING}`,
  removeGathering: `DELETE FROM gatherings WHERE ${THE_GATHERING}`,
  /** Receipts name a number by its digits alone. */
  sliceParked: `
    SELECT carrier_id, key, receipt_id, json_extract(receipt, '$.destination') = ?5 FROM parked_receipts
    WHERE (carrier_id, key, receipt_id) > (?1, ?2, ?3) ORDER BY carrier_id, key, receipt_id LIMIT ?4`,
  /** It still finds its message by its key. */
  eraseParked: `
    UPDATE parked_receipts SET receipt = json_set(receipt, '$.destination', '', '$.words', '')
    WHERE carrier_id = ? AND key = ? AND receipt_id = ?`,
  sliceKeys: `
    SELECT customer_id, key, instr(answer, '"' || ?4 || '"') > 0 OR instr(answer, '"+' || ?4 || '"') > 0
    FROM idempotency WHERE (customer_id, key) > (?1, ?2) ORDER BY customer_id, key LIMIT ?3`,
  eraseKey: `
    UPDATE idempotency
    SET answer = replace(replace(answer, '"' || ?3 || '"', '"${ERASED}"'), '"+' || ?3 || '"', '"${ERASED}"')
    WHERE customer_id = ?1 AND key = ?2`,
  sliceOptOuts: `
    SELECT customer_id, opt_out_id FROM opt_outs INDEXED BY opt_outs_by_handset
    WHERE handset_key = ?4 AND (customer_id, opt_out_id) > (?1, ?2) ORDER BY customer_id, opt_out_id LIMIT ?3`,
  eraseOptOut: `
    UPDATE opt_outs SET handset = '${ERASED}' WHERE customer_id = ? AND opt_out_id = ? AND handset <> '${ERASED}'`,
} as const;

/** What is kept of a number beside the archive. The hash in an opt-out stays, so that it goes on holding. */
export function createWorkingSetEraser(context: WriterContext): readonly ErasureStage[] {
  return [gatherings(context), parkedReceipts(context), idempotencyKeys(context), optOuts(context)];
}

function gatherings({ connection, gatherings: kept }: WriterContext): ErasureStage {
  const slice = connection.prepare(ERASE_WORKING_SET_SQL.sliceGatherings);
  const removeParts = connection.prepare(ERASE_WORKING_SET_SQL.removeParts);
  const remove = connection.prepare(ERASE_WORKING_SET_SQL.removeGathering);
  return {
    start: [NO_BYTES, "", "", -1, -1],
    sweep(after, limit, { digits, done }) {
      const rows = slice.all(...after, limit, digits);
      for (const row of rows.filter((found) => found[5] === 1)) {
        const key: Cell[] = row.slice(0, 5);
        const parts = Number(removeParts.run(...key).changes);
        remove.run(...key);
        kept.removed(parts);
        done.parts += parts;
      }
      return rows;
    },
  };
}

function parkedReceipts({ connection }: WriterContext): ErasureStage {
  const slice = connection.prepare(ERASE_WORKING_SET_SQL.sliceParked);
  const erase = connection.prepare(ERASE_WORKING_SET_SQL.eraseParked);
  return {
    start: [NO_BYTES, "", -1],
    sweep(after, limit, { digits }) {
      const rows = slice.all(...after, limit, digits);
      for (const row of rows) if (row[3] === 1) erase.run(bytes(row[0]), text(row[1]), integer(row[2]));
      return rows;
    },
  };
}

function idempotencyKeys({ connection }: WriterContext): ErasureStage {
  const slice = connection.prepare(ERASE_WORKING_SET_SQL.sliceKeys);
  const erase = connection.prepare(ERASE_WORKING_SET_SQL.eraseKey);
  return {
    start: [NO_BYTES, ""],
    sweep(after, limit, { digits }) {
      const rows = slice.all(...after, limit, digits);
      for (const row of rows) if (row[2] === 1) erase.run(bytes(row[0]), text(row[1]), digits);
      return rows;
    },
  };
}

function optOuts({ connection }: WriterContext): ErasureStage {
  const slice = connection.prepare(ERASE_WORKING_SET_SQL.sliceOptOuts);
  const erase = connection.prepare(ERASE_WORKING_SET_SQL.eraseOptOut);
  return {
    start: [NO_BYTES, NO_BYTES],
    sweep(after, limit, { digits, done }) {
      const rows = slice.all(...after, limit, handsetKey(digits));
      for (const row of rows) done.optOuts += Number(erase.run(bytes(row[0]), bytes(row[1])).changes);
      return rows;
    },
  };
}
