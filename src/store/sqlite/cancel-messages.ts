import type { Cancellation, MessageChange } from "../accepting.ts";
import { createMessageReader, decodeMessage, messageRef } from "./message-wire.ts";
import { createTargetStop } from "./stop-target.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export function encodeCancellations(changes: readonly MessageChange[]): Wire {
  const wire: Wire = ["cancelMessages", changes.length];
  for (const { customerId, messageId, at } of changes) wire.push(customerId, messageId, at);
  return wire;
}

export function decodeCancellations(answer: WireReader): (Cancellation | null)[] {
  return answer.list((item) => {
    if (item.number() === 0) return null;
    const canceled = item.list((n) => n.number());
    return { canceled, message: decodeMessage(item) };
  });
}

/** Stops what is not in flight of messages, and answers them as they are then. */
export function cancelMessages(context: WriterContext): Operation {
  const messages = createMessageReader(context.connection);
  const stops = createTargetStop(context);

  function cancelOne(request: WireReader): Wire {
    const message = messageRef(request.text(), request.text());
    const at = request.number();
    if (message === null || messages.append([], message) === null) return [0];
    const unsent = stops.unsent(message);
    const canceled = unsent.filter((target) => stops.stop(target, at)).map(({ n }) => n);
    const answer: Wire = [1, canceled.length, ...canceled];
    messages.append(answer, message);
    return answer;
  }

  return (request) => {
    const changes = request.number();
    const answer: Wire = [changes];
    for (let index = 0; index < changes; index++) answer.push(...cancelOne(request));
    return answer;
  };
}
