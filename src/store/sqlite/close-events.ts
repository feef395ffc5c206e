import type { RecountStore } from "../recounting.ts";
import { idToBytesOrNull } from "./id-bytes.ts";
import { messageRef } from "./message-wire.ts";
import type { Wire } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export function encodeClosings(events: Parameters<RecountStore["closeEvents"]>[0]): Wire {
  const wire: Wire = ["closeEvents", events.length];
  for (const { customerId, messageId, id } of events) wire.push(customerId, messageId, id);
  return wire;
}

/** Makes events absorb nothing more: not even changes that wait for the end of this transaction, which make new events. */
export function closeEvents({ events }: WriterContext): Operation {
  return (request) => {
    const count = request.number();
    for (let index = 0; index < count; index++) {
      const message = messageRef(request.text(), request.text());
      const eventId = request.text().toLowerCase();
      const event = idToBytesOrNull(eventId);
      if (message !== null && event !== null) events.close(message, event, eventId);
    }
    return [];
  };
}
