import { firstIdAt } from "../../domain/ids.ts";
import type { MessageFilter, MessageQuery, MessageSearchPage } from "../accepting.ts";
import { targetSql } from "./address-sql.ts";
import { DIRECTION_CODES, STATUS_CODES, TYPE_CODES } from "./column-codes.ts";
import { bytes, type Cell, type Connection, type Statement, text } from "./connection.ts";
import { bytesToId, hexToId, idToBytes, idToBytesOrNull } from "./id-bytes.ts";
import { createMessageReader, decodeMessage, MESSAGE_HEAD_COLUMNS } from "./message-wire.ts";
import { beforeBytes } from "./page-start.ts";
import { readJson, type Wire, type WireReader } from "./wire.ts";
import type { Operation } from "./writer-context.ts";

/** Messages that one call looks at, newest first; with a condition on targets, those of about so many targets. */
export const MESSAGES_LOOKED_AT = 10_000;
const TARGETS_LOOKED_AT = 50_000;

export function encodeSearch(query: MessageQuery, filter: MessageFilter): Wire {
  const { customerId, before, limit, targetLimit } = query;
  return ["searchMessages", customerId, before, limit, targetLimit, JSON.stringify(filter)];
}

export function decodeSearchPage(answer: WireReader): MessageSearchPage {
  const next = answer.textOrNull();
  return { messages: answer.list(decodeMessage), next };
}

const RANGE = "customer_id = ? AND message_id < ? AND message_id >= ?";

export const SEARCH_SQL = {
  /** Where the window of one call ends: the last message that it looks at. */
  lastLookedAt: `
    SELECT message_id FROM messages WHERE ${RANGE} ORDER BY message_id DESC LIMIT 1 OFFSET ${MESSAGES_LOOKED_AT - 1}`,
  lastTargetLookedAt: `
    SELECT message_id FROM targets WHERE ${RANGE} ORDER BY message_id DESC LIMIT 1 OFFSET ${TARGETS_LOOKED_AT - 1}`,
  isMore: `SELECT 1 FROM messages WHERE ${RANGE} LIMIT 1`,
  page: (conditions: readonly string[]) => `
    SELECT hex(message_id), ${MESSAGE_HEAD_COLUMNS} FROM messages m WHERE ${[RANGE, ...conditions].join(" AND ")}
    ORDER BY message_id DESC LIMIT ?`,
} as const;

const someTarget = (condition: string) => `EXISTS (SELECT 1 FROM targets t
  WHERE t.customer_id = m.customer_id AND t.message_id = m.message_id AND ${condition})`;

/** Each condition of a filter as SQL with one parameter, and how its value is bound. */
const CONDITIONS: { readonly [name in keyof Omit<MessageFilter, "from" | "until">]-?: Condition<name> } = {
  direction: { sql: "m.direction = ?", value: (direction) => DIRECTION_CODES[direction] },
  type: { sql: "m.type = ?", value: (type) => TYPE_CODES[type] },
  source: { sql: `${targetSql("m.source")} = ?`, value: (source) => source },
  text: { sql: "holds_text(m.text, ?)", value: (needle) => needle.toLowerCase() },
  status: { sql: someTarget("t.status = ?"), value: (status) => STATUS_CODES[status] },
  destination: { sql: someTarget(`${targetSql("t.destination")} = ?`), value: (destination) => destination },
};

interface Condition<Name extends keyof MessageFilter> {
  readonly sql: string;
  readonly value: (value: NonNullable<MessageFilter[Name]>) => Cell;
}

/** The conditions of a filter, and the values of their parameters in the same order. */
export function conditionsOf(filter: MessageFilter): { sql: string[]; values: Cell[] } {
  const [sql, values]: [string[], Cell[]] = [[], []];
  for (const [name, condition] of Object.entries(CONDITIONS)) {
    const value = filter[name as keyof typeof CONDITIONS];
    if (value === undefined) continue;
    sql.push(condition.sql);
    values.push((condition as { value: (value: unknown) => Cell }).value(value)); // each condition goes with its own name
  }
  return { sql, values };
}

/** A range of ids of one customer: from `low`, below `high`. */
interface IdRange {
  readonly customer: Uint8Array;
  readonly high: Uint8Array;
  readonly low: Uint8Array;
}

/**
 * A page of the messages that a filter lets through. No index leads to a destination or a text, for keeping one would cost
 * every message a write at a random place; a call looks through a bounded stretch of the customer's messages instead.
 */
export function searchMessages(connection: Connection): Operation {
  const lastLookedAt = connection.prepare(SEARCH_SQL.lastLookedAt);
  const lastTargetLookedAt = connection.prepare(SEARCH_SQL.lastTargetLookedAt);
  const isMore = connection.prepare(SEARCH_SQL.isMore);
  const messages = createMessageReader(connection);
  const pages = new Map<string, Statement>();
  connection.define("holds_text", (whole, needle) =>
    String(whole).toLowerCase().includes(String(needle)) ? 1 : 0,
  );

  function pageStatement(sql: string): Statement {
    const statement = pages.get(sql) ?? connection.prepare(sql);
    pages.set(sql, statement);
    return statement;
  }

  /** The last message of this call's window; null when the window reaches to the end of the range. */
  function windowEnd({ customer, high, low }: IdRange, looksAtTargets: boolean): Uint8Array | null {
    const last = lastLookedAt.get(customer, high, low)?.[0] ?? null;
    const lastTarget = looksAtTargets ? (lastTargetLookedAt.get(customer, high, low)?.[0] ?? null) : null;
    const ends = [last, lastTarget].filter((end) => end !== null).map((end) => bytes(end));
    return ends.toSorted((a, b) => Buffer.compare(a, b)).at(-1) ?? null;
  }

  function search(range: IdRange, filter: MessageFilter, limit: number, targetLimit: number): Wire {
    const { sql, values } = conditionsOf(filter);
    const looksAtTargets = filter.status !== undefined || filter.destination !== undefined;
    const end = windowEnd(range, looksAtTargets);
    const { customer, high, low } = range;
    const rows = pageStatement(SEARCH_SQL.page(sql)).all(customer, high, end ?? low, ...values, limit);
    const wire: Wire = [];
    let [listed, weight] = [0, 0];
    let last: Uint8Array | null = null;
    for (const row of rows) {
      if (weight >= targetLimit) break;
      const messageId = hexToId(text(row[0]));
      const message = { customer, message: idToBytes(messageId), customerId: bytesToId(customer), messageId };
      weight += messages.appendRow(wire, message, row, 1);
      listed++;
      last = message.message;
    }
    const isCut = listed === limit || listed < rows.length;
    const next = isCut ? last : end;
    const goesOn = next !== null && isMore.get(customer, next, low) !== undefined;
    return [goesOn ? bytesToId(next) : null, listed, ...wire];
  }

  return (request) => {
    const customer = idToBytesOrNull(request.text());
    const before = beforeBytes(request.textOrNull());
    const [limit, targetLimit] = [request.number(), request.number()];
    const filter = readJson(request) as MessageFilter;
    if (customer === null || before === null) return [null, 0];
    const until = filter.until === undefined ? before : beforeBytes(firstIdAt(filter.until));
    const from = filter.from === undefined ? new Uint8Array(0) : beforeBytes(firstIdAt(filter.from));
    if (until === null || from === null) return [null, 0];
    const high = Buffer.compare(before, until) < 0 ? before : until;
    return search({ customer, high, low: from }, filter, limit, targetLimit);
  };
}
