import { micros } from "../../domain/micros.ts";
import { ARCHIVE_TABLES } from "./archive-partitions.ts";
import { ids } from "./array-literals.ts";
import { STATUS_CODES } from "./column-codes.ts";
import type { Session } from "./connection.ts";
import type { UnitOfWork } from "./unit-of-work.ts";
import { QUIET_MICROS } from "../retaining.ts";

/** Targets of the messages that one transaction looks at, save that it looks at one message at least. */
const TARGETS_AT_ONCE = 2_000;

const OLD = (table: string) => `
      (SELECT message_id FROM ${table} WHERE customer_id = $1 AND message_id > $2 AND message_id < $3
       ORDER BY message_id LIMIT $4)`;

/** The messages of a slice: their ids, and the smallest and the greatest, which lead to their partitions. */
const THE_SLICE = "customer_id = $1 AND message_id = ANY ($2::uuid[]) AND message_id >= $3 AND message_id <= $4";
const THE_TARGET = "carrier_id = t.carrier_id AND message_id = t.message_id AND n = t.n";
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
  /** Which of them are left to be sent, and of which a receipt may still come. */
  open: {
    name: "retention_open",
    text: `
    SELECT t.message_id,
      bool_or(t.status IN (${scheduled}, ${queued}) OR EXISTS (SELECT 1 FROM queue WHERE ${THE_TARGET})
        OR EXISTS (SELECT 1 FROM leased WHERE ${THE_TARGET})) AS unsent,
      bool_or(t.status IN (${sent}, ${unreported}) AND t.tm_update > $5) AS awaiting
    FROM targets t WHERE ${THE_SLICE.replaceAll(/customer_id|message_id/g, "t.$&")} GROUP BY t.message_id`,
  },
  /** Which of them an endpoint is still to be told of. */
  untold: {
    name: "retention_untold",
    text: `
    SELECT DISTINCT d.message_id FROM endpoints w
      JOIN deliveries d ON d.endpoint_id = w.endpoint_id AND d.message_id = ANY ($2::uuid[])
    WHERE w.customer_id = $1`,
  },
  remove: (table: string) => ({
    name: `retention_remove_${table}`,
    text: `DELETE FROM ${table} WHERE ${THE_SLICE}`,
  }),
  /** A message that says nothing stays as it is. */
  empty: (table: string) => ({
    name: `retention_empty_${table}`,
    text: `
    UPDATE ${table} SET text = '', options = ((options::jsonb ${CONTENT_OPTIONS.map((key) => `- '${key}'`).join(" ")})
      || '{"contentRemoved": true}')::text
    WHERE ${THE_SLICE}
      AND (text <> '' OR options::jsonb ?| ARRAY[${CONTENT_OPTIONS.map((key) => `'${key}'`).join(", ")}])`,
  }),
} as const;

const MESSAGE_TABLES = ["messages", "deleted_messages"] as const;

/** The old messages of one customer that a transaction holds, and what stands in the way of each. */
export interface OldMessages {
  readonly ids: readonly string[];
  /** Whether there may be more after them. */
  readonly isMore: boolean;
  readonly isUnsent: (id: string) => boolean;
  readonly isAwaiting: (id: string) => boolean;
  readonly isUntold: (id: string) => boolean;
}

interface SliceRow {
  readonly message_id: string;
  readonly targets: number;
}

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
  if (found.length === 0) return { ids: [], isMore: false, isUnsent: no, isAwaiting: no, isUntold: no };
  await targets.hold(found.map((messageId) => ({ customerId, messageId, n: 0 })));
  const open = await session.rows<{ message_id: string; unsent: boolean; awaiting: boolean }>(
    REMOVE_OLD_SQL.open,
    [...sliceOf(customerId, found), micros(now - QUIET_MICROS)],
  );
  const untold = await session.rows<{ message_id: string }>(REMOVE_OLD_SQL.untold, [customerId, ids(found)]);
  const [unsentIds, awaitingIds] = [open.filter((row) => row.unsent), open.filter((row) => row.awaiting)];
  return {
    ids: found,
    isMore,
    isUnsent: among(unsentIds),
    isAwaiting: among(awaitingIds),
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
    const rows = await session.run(REMOVE_OLD_SQL.remove(table), sliceOf(customerId, messages));
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
  const slice = sliceOf(customerId, messages);
  let emptied = 0;
  for (const table of MESSAGE_TABLES) emptied += await session.run(REMOVE_OLD_SQL.empty(table), slice);
  await session.run(REMOVE_OLD_SQL.remove("undelivered"), slice);
  return emptied;
}

function sliceOf(customerId: string, messages: readonly string[]): [string, string, string, string] {
  return [customerId, ids(messages), messages[0] ?? "", messages.at(-1) ?? ""];
}

function among(rows: readonly { readonly message_id: string }[]): (id: string) => boolean {
  const named = new Set(rows.map((row) => row.message_id));
  return (id) => named.has(id);
}

function no(): boolean {
  return false;
}
