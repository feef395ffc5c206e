import { QUIET_MICROS } from "../retaining.ts";
import { ERASED } from "./address-sql.ts";
import { ARCHIVE_TABLES } from "./archive-partitions.ts";
import { ids } from "./array-literals.ts";
import { STATUS_CODES } from "./column-codes.ts";
import type { Session } from "./connection.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** Targets of the messages that one transaction looks at, save that it looks at one message at least. */
const TARGETS_AT_ONCE = 2_000;

const OLD = (table: string) => `
      (SELECT message_id FROM ${table} WHERE customer_id = $1 AND message_id > $2 AND message_id < $3
       ORDER BY message_id LIMIT $4)`;

/**
 * Each message by its key: whatever stands between them is not looked at. Both columns come from the join, for a customer
 * by itself would be an invitation to read all that it has.
 */
const NAMED = "unnest($1::uuid[], $2::uuid[]) AS u (c, m)";
const IS_NAMED = (alias: string) => `${alias}.customer_id = u.c AND ${alias}.message_id = u.m`;
/** Looked up by its key: an EXISTS might be answered from a hash of the whole table. */
const HAS_ROW = (table: string) =>
  `(SELECT 1 FROM ${table} w WHERE w.carrier_id = t.carrier_id AND w.message_id = t.message_id AND w.n = t.n LIMIT 1) IS NOT NULL`;
const { scheduled, queued, sent, dlr_timeout: unreported } = STATUS_CODES;
const CONTENT_OPTIONS = ["data", "udh", "medias"] as const;

export const REMOVE_OLD_SQL = {
  /** The oldest messages after one, deleted ones too, with how many targets each has. */
  slice: {
    name: "retention_slice",
    text: `
    SELECT o.message_id, coalesce((SELECT t.n + 1 FROM targets t WHERE t.customer_id = $1 AND t.message_id = o.message_id
      ORDER BY t.n DESC LIMIT 1), 0) AS targets
    FROM (${OLD("messages")} UNION ALL ${OLD("deleted_messages")}) AS o ORDER BY o.message_id LIMIT $4`,
  },
  /** Which of them are left to be sent, and of which a receipt may still come; apart for targets whose number was erased. */
  open: {
    name: "retention_open",
    text: `
    SELECT t.message_id, t.destination = '${ERASED}' AS erased,
      bool_or(t.status IN (${scheduled}, ${queued}) OR ${HAS_ROW("queue")} OR ${HAS_ROW("leased")}) AS unsent,
      bool_or(t.status IN (${sent}, ${unreported}) AND t.tm_update > $3) AS awaiting
    FROM ${NAMED} JOIN targets t ON ${IS_NAMED("t")} GROUP BY t.message_id, erased`,
  },
  /** Which of them an endpoint is still to be told of. */
  untold: {
    name: "retention_untold",
    text: `
    SELECT DISTINCT d.message_id FROM ${NAMED} JOIN endpoints w ON w.customer_id = u.c
      JOIN deliveries d ON d.endpoint_id = w.endpoint_id AND d.message_id = u.m`,
  },
  remove: (table: string) => ({
    name: `retention_remove_${table}`,
    text: `DELETE FROM ${table} t USING ${NAMED} WHERE ${IS_NAMED("t")}`,
  }),
  /** A message that says nothing stays as it is. */
  empty: (table: string) => ({
    name: `retention_empty_${table}`,
    text: `
    UPDATE ${table} t SET text = '',
      options = ((t.options::jsonb ${CONTENT_OPTIONS.map((key) => `- '${key}'`).join(" ")}) || '{"contentRemoved": true}')::text
    FROM ${NAMED} WHERE ${IS_NAMED("t")}
      AND (t.text <> '' OR t.options::jsonb ?| ARRAY[${CONTENT_OPTIONS.map((key) => `'${key}'`).join(", ")}])`,
  }),
} as const;

const MESSAGE_TABLES = ["messages", "deleted_messages"] as const;

/** The old messages of one customer that a transaction holds, and what stands in the way of each. */
export interface OldMessages {
  readonly ids: readonly string[];
  /** Whether there may be more after them. */
  readonly isMore: boolean;
  readonly isUnsent: (id: string) => boolean;
  /** Whether somebody is left to be sent it whose number was not erased. */
  readonly isNeeded: (id: string) => boolean;
  /** Whether the number of some target was erased. */
  readonly isErased: (id: string) => boolean;
  readonly isAwaiting: (id: string) => boolean;
  readonly isUntold: (id: string) => boolean;
}

interface SliceRow {
  readonly message_id: string;
  readonly targets: number;
}

interface OpenRow {
  readonly message_id: string;
  readonly erased: boolean;
  readonly unsent: boolean;
  readonly awaiting: boolean;
}

const NONE: OldMessages = {
  ids: [],
  isMore: false,
  isUnsent: no,
  isNeeded: no,
  isErased: no,
  isAwaiting: no,
  isUntold: no,
};

/** The customer's oldest messages with ids between two, locked. */
export async function holdOld(
  unit: UnitOfWork,
  customerId: string,
  { after, before, limit }: { readonly after: string; readonly before: string; readonly limit: number },
  now: number,
): Promise<OldMessages> {
  const rows = await unit.session.rows<SliceRow>(REMOVE_OLD_SQL.slice, [customerId, after, before, limit]);
  let targets = 0;
  const taken = rows.filter((row, index) => {
    targets += row.targets;
    return index === 0 || targets <= TARGETS_AT_ONCE;
  });
  const found = taken.map((row) => row.message_id);
  return holdNamed(unit, customerId, found, now, taken.length < rows.length || rows.length === limit);
}

/** Messages of the customer by their ids in ascending order, locked. */
export async function holdNamed(
  { session, targets }: UnitOfWork,
  customerId: string,
  found: readonly string[],
  now: number,
  isMore: boolean,
): Promise<OldMessages> {
  if (found.length === 0) return NONE;
  await targets.hold(found.map((messageId) => ({ customerId, messageId, n: 0 })));
  const open = await session.rows<OpenRow>(REMOVE_OLD_SQL.open, [
    ...named(customerId, found),
    now - QUIET_MICROS,
  ]);
  const untold = await session.rows<{ message_id: string }>(REMOVE_OLD_SQL.untold, named(customerId, found));
  return {
    ids: found,
    isMore,
    isUnsent: among(open.filter((row) => row.unsent)),
    isNeeded: among(open.filter((row) => row.unsent && !row.erased)),
    isErased: among(open.filter((row) => row.erased)),
    isAwaiting: among(open.filter((row) => row.awaiting)),
    isUntold: among(untold),
  };
}

/** Removes messages with everything that was kept of them; answers how many. */
export async function removeMessages(
  session: Session,
  customerId: string,
  messages: readonly string[],
): Promise<number> {
  if (messages.length === 0) return 0;
  let removed = 0;
  for (const table of [...ARCHIVE_TABLES, "retention_waiting"] as const) {
    const rows = await session.run(REMOVE_OLD_SQL.remove(table), named(customerId, messages));
    if (table === "messages" || table === "deleted_messages") removed += rows;
  }
  return removed;
}

/** Takes text, data and media out of messages, and out of what was never delivered of them; answers how many said something. */
export async function emptyMessages(
  session: Session,
  customerId: string,
  messages: readonly string[],
): Promise<number> {
  if (messages.length === 0) return 0;
  const columns = named(customerId, messages);
  let emptied = 0;
  for (const table of MESSAGE_TABLES) emptied += await session.run(REMOVE_OLD_SQL.empty(table), columns);
  await session.run(REMOVE_OLD_SQL.remove("undelivered"), columns);
  return emptied;
}

function named(customerId: string, messages: readonly string[]): [string, string] {
  return [ids(messages.map(() => customerId)), ids(messages)];
}

function among(rows: readonly { readonly message_id: string }[]): (id: string) => boolean {
  const known = new Set(rows.map((row) => row.message_id));
  return (id) => known.has(id);
}

function no(): boolean {
  return false;
}
