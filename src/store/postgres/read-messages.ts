import { type CustomerId, isUuid } from "../../domain/ids.ts";
import type { Message } from "../../domain/message.ts";
import type { Micros } from "../../domain/micros.ts";
import type { TrailEntry } from "../../domain/trail.ts";
import type { MessageKey, MessageQuery } from "../accepting.ts";
import { firstWithTargets, HEAD_COLUMNS, type HeadRow, readMessages, type Reads } from "./message-rows.ts";

export const READ_MESSAGES_SQL = {
  /** Ids hold their time, so the order of a list is the order of the key, and of its partitions. */
  newest: {
    name: "list_newest",
    text: `SELECT ${HEAD_COLUMNS} FROM messages WHERE customer_id = $1 ORDER BY message_id DESC LIMIT $2`,
  },
  before: {
    name: "list_before",
    text: `
    SELECT ${HEAD_COLUMNS} FROM messages WHERE customer_id = $1 AND message_id < $3 ORDER BY message_id DESC LIMIT $2`,
  },
  trails: {
    name: "trails",
    text: `
    SELECT t.trail FROM messages m JOIN targets t ON t.customer_id = m.customer_id AND t.message_id = m.message_id
    WHERE m.customer_id = $1 AND m.message_id = $2 ORDER BY t.n`,
  },
  exists: {
    name: "message_exists",
    text: "SELECT 1 FROM messages WHERE customer_id = $1 AND message_id = $2",
  },
  idempotent: {
    name: "idempotent",
    text: "SELECT fingerprint, answer FROM idempotency WHERE customer_id = $1 AND key = $2 AND expires_at > $3",
  },
} as const;

/** One message whole, unless it is deleted. */
export async function getMessage(session: Reads, key: MessageKey): Promise<Message | null> {
  if (!isUuid(key.customerId) || !isUuid(key.messageId)) return null;
  const messages = await readMessages(session, [key], false);
  return [...messages.values()][0] ?? null;
}

/** One message whole, deleted or not. */
export async function getMessageDeletedToo(session: Reads, key: MessageKey): Promise<Message | null> {
  if (!isUuid(key.customerId) || !isUuid(key.messageId)) return null;
  const messages = await readMessages(session, [key], true);
  return [...messages.values()][0] ?? null;
}

/** A page of a customer's messages, newest first. */
export async function listMessages(session: Reads, query: MessageQuery): Promise<readonly Message[]> {
  const { customerId, before, limit, targetLimit } = query;
  if (!isUuid(customerId) || (before !== null && !isUuid(before))) return [];
  let heads =
    before === null
      ? await session.rows<HeadRow>(READ_MESSAGES_SQL.newest, [customerId, limit])
      : await session.rows<HeadRow>(READ_MESSAGES_SQL.before, [customerId, limit, before]);
  const listed: Message[] = [];
  let pageWeight = 0;
  while (heads.length > 0 && pageWeight < targetLimit) {
    const read = await firstWithTargets(session, heads);
    for (const { message, weight } of read) {
      if (pageWeight >= targetLimit) break;
      listed.push(message);
      pageWeight += weight;
    }
    heads = heads.slice(read.length);
  }
  return listed;
}

/** The trails of a message's targets. */
export async function getTrails(
  session: Reads,
  { customerId, messageId }: MessageKey,
): Promise<readonly (readonly TrailEntry[])[] | null> {
  if (!isUuid(customerId) || !isUuid(messageId)) return null;
  const found = await session.rows(READ_MESSAGES_SQL.exists, [customerId, messageId]);
  if (found.length === 0) return null;
  const rows = await session.rows<{ trail: string }>(READ_MESSAGES_SQL.trails, [customerId, messageId]);
  return rows.map(({ trail }) => JSON.parse(`[${trail}]`) as TrailEntry[]); // only trailColumn writes it
}

/** The answer kept under an idempotency key. */
export async function findIdempotent(
  session: Reads,
  customerId: CustomerId,
  key: string,
  now: Micros,
): Promise<{ fingerprint: string; answer: string } | null> {
  if (!isUuid(customerId)) return null;
  const rows = await session.rows<{ fingerprint: string; answer: string }>(READ_MESSAGES_SQL.idempotent, [
    customerId,
    key,
    now,
  ]);
  return rows[0] ?? null;
}
