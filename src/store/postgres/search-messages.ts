import { firstIdAt, isUuid } from "../../domain/ids.ts";
import type { Message } from "../../domain/message.ts";
import type { MessageFilter, MessageQuery, MessageSearchPage } from "../accepting.ts";
import { columnToAddress } from "./address-column.ts";
import { DIRECTION_CODES, TYPE_CODES } from "./column-codes.ts";
import {
  firstWithTargets,
  HEAD_COLUMNS,
  type HeadRow,
  type Reads,
  type WeighedMessage,
} from "./message-rows.ts";
import { beforeOf } from "./read-directory.ts";

/** Messages that one call looks at, newest first; with a condition on targets, about so many targets. */
export const MESSAGES_LOOKED_AT = 10_000;
const TARGETS_LOOKED_AT = 50_000;

/** Messages read at a time. */
const SLICE = 200;

const LOWEST = "00000000-0000-0000-0000-000000000000";

export const SEARCH_SQL = {
  name: "search",
  text: `
  SELECT ${HEAD_COLUMNS} FROM messages WHERE customer_id = $1 AND message_id < $2 AND message_id >= $3
  ORDER BY message_id DESC LIMIT $4`,
} as const;

/**
 * A page of the messages that a filter lets through. No index leads to a destination or a text, for keeping one would cost
 * every message a write at a random place; a call looks through a bounded stretch of the customer's messages instead.
 */
export async function searchMessages(
  session: Reads,
  query: MessageQuery,
  filter: MessageFilter,
): Promise<MessageSearchPage> {
  const before = beforeOf(query);
  if (before === null || !isUuid(query.customerId)) return { messages: [], next: null };
  const until = filter.until === undefined ? before : firstIdAt(filter.until);
  const low = filter.from === undefined ? LOWEST : firstIdAt(filter.from);
  let high = before < until ? before : until;
  const messages: Message[] = [];
  let [looked, lookedTargets, pageWeight] = [0, 0, 0];
  while (looked < MESSAGES_LOOKED_AT && lookedTargets < TARGETS_LOOKED_AT) {
    const heads = await session.rows<HeadRow>(SEARCH_SQL, [query.customerId, high, low, SLICE]);
    const matching = heads.filter((head) => headMatches(head, filter));
    const read = await firstWithTargets(session, matching);
    const byId = new Map<string, WeighedMessage>(read.map((found) => [found.message.id, found]));
    const unread = matching[read.length];
    const slice = unread === undefined ? heads : heads.slice(0, heads.indexOf(unread));
    for (const { message_id: id } of slice) {
      const found = byId.get(id);
      high = id;
      looked++;
      lookedTargets += found?.message.targets.length ?? 0;
      if (found === undefined || !targetsMatch(found.message, filter)) continue;
      messages.push(found.message);
      pageWeight += found.weight;
      if (messages.length >= query.limit || pageWeight >= query.targetLimit)
        return pageOf(session, query, messages, high, low);
    }
    if (slice === heads && heads.length < SLICE) return { messages, next: null };
  }
  return pageOf(session, query, messages, high, low);
}

/** A page that was cut: there is a next one if anything is left to look at. */
async function pageOf(
  session: Reads,
  { customerId }: MessageQuery,
  messages: readonly Message[],
  last: string,
  low: string,
): Promise<MessageSearchPage> {
  const rest = await session.rows(SEARCH_SQL, [customerId, last, low, 1]);
  return { messages, next: rest.length > 0 ? last : null };
}

function headMatches(head: HeadRow, { direction, type, source, text }: MessageFilter): boolean {
  if (direction !== undefined && head.direction !== DIRECTION_CODES[direction]) return false;
  if (type !== undefined && head.type !== TYPE_CODES[type]) return false;
  if (source !== undefined && columnToAddress(head.source).target !== source) return false;
  return text === undefined || head.text.toLowerCase().includes(text.toLowerCase());
}

function targetsMatch({ targets }: Message, { status, destination }: MessageFilter): boolean {
  if (status !== undefined && !targets.some((target) => target.status === status)) return false;
  return destination === undefined || targets.some((target) => target.destination.target === destination);
}
