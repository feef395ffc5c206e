import { idToBytesOrNull } from "./id-bytes.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Removes a carrier unless work is left at it and `force` is not set. What is left is for leftover-carriers.ts. */
export function removeCarrier({ connection, receiptKeys, wakes }: WriterContext): Operation {
  const isBusy = connection.prepare(`
    SELECT EXISTS (SELECT 1 FROM queue WHERE carrier_id = ?1) OR EXISTS (SELECT 1 FROM leased WHERE carrier_id = ?1)
      OR EXISTS (SELECT 1 FROM receipt_index WHERE carrier_id = ?1 AND overdue = 0)`);
  const remove = connection.prepare("DELETE FROM carriers WHERE carrier_id = ?");
  return (request) => {
    const [carrier, isForced] = [idToBytesOrNull(request.text()), request.number() === 1];
    if (carrier === null) return [1];
    receiptKeys.moveWaitingToIndex();
    if (!isForced && isBusy.get(carrier)?.[0] === 1) return [0];
    remove.run(carrier);
    wakes.directory();
    return [1];
  };
}
