import type { RecountStore } from "../recounting.ts";
import { idToBytes } from "./id-bytes.ts";
import type { Wire } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export const CLOSE_EVENT_SQL =
  "UPDATE events SET open = 0 WHERE customer_id = ? AND message_id = ? AND event_id = ? AND open = 1";

export function encodeClosings(events: Parameters<RecountStore["closeEvents"]>[0]): Wire {
  const wire: Wire = ["closeEvents", events.length];
  for (const { customerId, messageId, id } of events) wire.push(customerId, messageId, id);
  return wire;
}

/** Makes events absorb nothing more: not even changes that wait for the end of this transaction, which make new events. */
export function closeEvents({ connection }: WriterContext): Operation {
  const close = connection.prepare(CLOSE_EVENT_SQL);
  return (request) => {
    const count = request.number();
    for (let index = 0; index < count; index++) {
      close.run(idToBytes(request.text()), idToBytes(request.text()), idToBytes(request.text()));
    }
    return [];
  };
}
