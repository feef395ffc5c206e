import { idToBytesOrNull } from "./id-bytes.ts";
import { handsetKey, OPT_OUT_COLUMNS, readPeriod, senderKey } from "./opt-out-rows.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export const END_OPT_OUT_SQL = `
  UPDATE opt_outs INDEXED BY opt_outs_lasting SET until = ?, ended_by = ?
  WHERE customer_id = ? AND sender_key = ? AND handset_key = ? AND until IS NULL
  RETURNING ${OPT_OUT_COLUMNS}`;

/** Ends the period that lasts and answers it as JSON; null when none did. */
export function endOptOut({ connection }: WriterContext): Operation {
  const end = connection.prepare(END_OPT_OUT_SQL);
  return (request) => {
    const customer = idToBytesOrNull(request.text());
    const keys = [senderKey(request.text()), handsetKey(request.text())] as const;
    const [at, by] = [request.number(), request.text()];
    const row = customer === null ? undefined : end.get(at, by, customer, ...keys);
    return [row === undefined ? null : JSON.stringify(readPeriod(row))];
  };
}
