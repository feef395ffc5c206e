import type { Message } from "../../domain/message.ts";
import type { MessageChange } from "../accepting.ts";
import { createMessageReader, decodeMessage, MESSAGE_HEAD_COLUMNS, messageRef } from "./message-wire.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export function encodeDeletions(changes: readonly MessageChange[]): Wire {
  const wire: Wire = ["deleteMessages", changes.length];
  for (const { customerId, messageId, at, eventId } of changes) wire.push(customerId, messageId, at, eventId);
  return wire;
}

export function decodeDeleted(answer: WireReader): (Message | null)[] {
  return answer.list((item) => (item.number() === 1 ? decodeMessage(item) : null));
}

/** Moves messages to the deleted ones, once, and answers them whole. */
export function deleteMessages({ connection, events }: WriterContext): Operation {
  const move = connection.prepare(`
    INSERT INTO deleted_messages (customer_id, message_id, ${MESSAGE_HEAD_COLUMNS})
    SELECT customer_id, message_id, type, direction, source, text, options, tm_create, ?3, ?3
    FROM messages WHERE customer_id = ?1 AND message_id = ?2`);
  const remove = connection.prepare("DELETE FROM messages WHERE customer_id = ? AND message_id = ?");
  const messages = createMessageReader(connection);

  function deleteOne(request: WireReader, answer: Wire): void {
    const message = messageRef(request.text(), request.text());
    const [at, eventId] = [request.number(), request.text()];
    const from = answer.push(0);
    if (message === null) return;
    if (Number(move.run(message.customer, message.message, at).changes) === 1) {
      remove.run(message.customer, message.message);
      events.deleted(message, eventId.toLowerCase(), at);
    }
    if (messages.appendDeletedToo(answer, message) !== null) answer[from - 1] = 1;
  }

  return (request) => {
    const changes = request.number();
    const answer: Wire = [changes];
    for (let index = 0; index < changes; index++) deleteOne(request, answer);
    return answer;
  };
}
