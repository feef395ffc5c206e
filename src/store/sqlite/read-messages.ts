import type { Message } from "../../domain/message.ts";
import type { TrailEntry } from "../../domain/trail.ts";
import type { MessageKey, MessageQuery } from "../accepting.ts";
import { type Connection, type Row, text } from "./connection.ts";
import { hexToId, idToBytesOrNull } from "./id-bytes.ts";
import { createMessageReader, decodeMessage, MESSAGE_HEAD_COLUMNS, messageRef } from "./message-wire.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation } from "./writer-context.ts";

export function encodeKey(
  operation: "getMessage" | "getMessageDeletedToo" | "getTrails",
  { customerId, messageId }: MessageKey,
): Wire {
  return [operation, customerId, messageId];
}

export function decodeMessageOrNull(answer: WireReader): Message | null {
  return answer.number() === 1 ? decodeMessage(answer) : null;
}

/** One message whole, unless it is deleted. */
export function getMessage(connection: Connection): Operation {
  const messages = createMessageReader(connection);
  return (request) => {
    const message = messageRef(request.text(), request.text());
    const answer: Wire = [1];
    return message === null || messages.append(answer, message) === null ? [0] : answer;
  };
}

/** One message whole, deleted or not. */
export function getMessageDeletedToo(connection: Connection): Operation {
  const messages = createMessageReader(connection);
  return (request) => {
    const message = messageRef(request.text(), request.text());
    const answer: Wire = [1];
    return message === null || messages.appendDeletedToo(answer, message) === null ? [0] : answer;
  };
}

export function decodeTrails(answer: WireReader): TrailEntry[][] | null {
  if (answer.number() === 0) return null;
  return answer.list((item) => JSON.parse(`[${item.text()}]`) as TrailEntry[]); // only trailColumn writes it
}

/** The trails of a message's targets. */
export function getTrails(connection: Connection): Operation {
  const exists = connection.prepare("SELECT 1 FROM messages WHERE customer_id = ? AND message_id = ?");
  const trails = connection.prepare(
    "SELECT trail FROM targets WHERE customer_id = ? AND message_id = ? ORDER BY n",
  );
  return (request) => {
    const [customer, message] = [idToBytesOrNull(request.text()), idToBytesOrNull(request.text())];
    if (customer === null || message === null || exists.get(customer, message) === undefined) return [0];
    const rows = trails.all(customer, message);
    return [1, rows.length, ...rows.map((row) => text(row[0]))];
  };
}

export function encodeQuery({ customerId, before, limit, targetLimit }: MessageQuery): Wire {
  return ["listMessages", customerId, before, limit, targetLimit];
}

/** Ids hold their time, so the order of a list is the order of the key. */
export const LIST_SQL = {
  newest: `
    SELECT hex(message_id), ${MESSAGE_HEAD_COLUMNS} FROM messages WHERE customer_id = ?
    ORDER BY message_id DESC LIMIT ?`,
  before: `
    SELECT hex(message_id), ${MESSAGE_HEAD_COLUMNS} FROM messages WHERE customer_id = ? AND message_id < ?
    ORDER BY message_id DESC LIMIT ?`,
} as const;

/** A page of a customer's messages, newest first. */
export function listMessages(connection: Connection): Operation {
  const newest = connection.prepare(LIST_SQL.newest);
  const before = connection.prepare(LIST_SQL.before);
  const messages = createMessageReader(connection);

  function heads(customerId: string, from: string | null, limit: number): Row[] {
    const customer = idToBytesOrNull(customerId);
    const fromBytes = from === null ? null : idToBytesOrNull(from);
    if (customer === null || (from !== null && fromBytes === null)) return [];
    return fromBytes === null ? newest.all(customer, limit) : before.all(customer, fromBytes, limit);
  }

  return (request) => {
    const [customerId, before] = [request.text(), request.textOrNull()];
    const rows = heads(customerId, before, request.number());
    const targetLimit = request.number();
    const answer: Wire = [0];
    let weight = 0;
    let listed = 0;
    for (const row of rows) {
      const message = messageRef(customerId, hexToId(text(row[0])));
      if (weight >= targetLimit || message === null) break;
      weight += messages.appendRow(answer, message, row, 1);
      listed++;
    }
    answer[0] = listed;
    return answer;
  };
}

/** The answer kept under an idempotency key. */
export function findIdempotent(connection: Connection): Operation {
  const find = connection.prepare(
    "SELECT fingerprint, answer FROM idempotency WHERE customer_id = ? AND key = ? AND expires_at > ?",
  );
  return (request) => {
    const customer = idToBytesOrNull(request.text());
    const row = customer === null ? undefined : find.get(customer, request.text(), request.number());
    return row === undefined ? [0] : [1, text(row[0]), text(row[1])];
  };
}
