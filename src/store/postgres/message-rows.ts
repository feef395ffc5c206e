import type { Failure, FailureCode } from "../../domain/failure.ts";
import type { CustomerId, MessageId } from "../../domain/ids.ts";
import type { Message, MessageOptions, Target } from "../../domain/message.ts";
import { type Micros, micros } from "../../domain/micros.ts";
import { weightOnPage } from "../page-weight.ts";
import { columnToAddress } from "./address-column.ts";
import { ids } from "./array-literals.ts";
import { DIRECTION_CODES, STATUS_CODES, TYPE_CODES, wordOf } from "./column-codes.ts";
import type { Session } from "./connection.ts";

export const HEAD_COLUMNS =
  "customer_id, message_id, type, direction, source, text, options, tm_create, tm_update, tm_delete";

/** A row of {@link HEAD_COLUMNS}. */
export interface HeadRow {
  readonly customer_id: string;
  readonly message_id: string;
  readonly type: number;
  readonly direction: number;
  readonly source: string;
  readonly text: string;
  readonly options: string;
  readonly tm_create: number;
  readonly tm_update: number | null;
  readonly tm_delete: number | null;
}

interface TargetRow {
  readonly message_id: string;
  readonly n: number;
  readonly destination: string;
  readonly status: number;
  readonly parts: number;
  readonly tm_update: number | null;
  readonly failure: string | null;
}

/** Reads rows, in a transaction or by itself. */
export type Reads = Pick<Session, "rows">;

export const MESSAGE_ROWS_SQL = {
  heads: {
    name: "message_heads",
    text: `
    SELECT ${prefixed("m")} FROM unnest($1::uuid[], $2::uuid[]) AS u (c, m)
      JOIN messages m ON m.customer_id = u.c AND m.message_id = u.m`,
  },
  deletedHeads: {
    name: "message_deleted_heads",
    text: `
    SELECT ${prefixed("m")} FROM unnest($1::uuid[], $2::uuid[]) AS u (c, m)
      JOIN deleted_messages m ON m.customer_id = u.c AND m.message_id = u.m`,
  },
  targets: {
    name: "message_targets",
    text: `
    SELECT t.message_id, t.n, t.destination, t.status, t.parts, t.tm_update, t.failure
    FROM unnest($1::uuid[], $2::uuid[]) AS u (c, m)
      JOIN targets t ON t.customer_id = u.c AND t.message_id = u.m ORDER BY t.message_id, t.n`,
  },
  /** Those of the first messages, message by message: it ends where the limit is, and sorts nothing before. */
  firstTargets: {
    name: "message_first_targets",
    text: `
    SELECT t.message_id, t.n, t.destination, t.status, t.parts, t.tm_update, t.failure
    FROM unnest($1::uuid[], $2::uuid[]) AS u (c, m) CROSS JOIN LATERAL (
      SELECT * FROM targets WHERE customer_id = u.c AND message_id = u.m ORDER BY n OFFSET 0) t LIMIT $3`,
  },
} as const;

function prefixed(table: string): string {
  return HEAD_COLUMNS.split(", ")
    .map((column) => `${table}.${column}`)
    .join(", ");
}

/** Names messages. */
export interface MessageRef {
  readonly customerId: string;
  readonly messageId: string;
}

/** Messages whole, by their ids; `withDeleted` finds the deleted ones too. */
export async function readMessages(
  session: Reads,
  refs: readonly MessageRef[],
  withDeleted: boolean,
): Promise<ReadonlyMap<string, Message>> {
  if (refs.length === 0) return new Map();
  const heads = await readHeads(session, refs, withDeleted);
  const messages = await withTargets(session, heads);
  return new Map(messages.map((message) => [message.id, message]));
}

/** The first of some messages. */
export interface FirstMessages {
  readonly messages: ReadonlyMap<string, WeighedMessage>;
  /** The first that was not read; null when all were. */
  readonly cut: string | null;
}

/**
 * Messages whole, deleted ones too, as many as have so many targets together, and one at least. In one round trip of a
 * transaction: its session keeps the order, so that no head is seen whose targets were looked for before it was there.
 */
export async function readFirstMessages(
  session: Session,
  refs: readonly MessageRef[],
  targetLimit: number,
): Promise<FirstMessages> {
  if (refs.length === 0) return { messages: new Map(), cut: null };
  const [heads, { rows, cut }] = await Promise.all([
    readHeads(session, refs, true),
    readFirstTargets(session, refs, targetLimit),
  ]);
  const read = new Set(refsBefore(cut, refs).map(({ messageId }) => messageId));
  const messages = assembled(
    heads.filter((head) => read.has(head.message_id)),
    rows,
  );
  return { messages: new Map(messages.map((found) => [found.message.id, found])), cut };
}

interface FirstTargets {
  readonly rows: readonly TargetRow[];
  readonly cut: string | null;
}

/** The targets of the first messages that are whole within a number of rows; of one that has more, all. */
async function readFirstTargets(
  session: Reads,
  refs: readonly MessageRef[],
  limit: number,
): Promise<FirstTargets> {
  const rows = await session.rows<TargetRow>(MESSAGE_ROWS_SQL.firstTargets, [...columnsOf(refs), limit + 1]);
  const cut = rows[limit]?.message_id ?? null;
  if (cut === null || cut !== rows[0]?.message_id) return { rows, cut };
  const place = refs.findIndex(({ messageId }) => messageId === cut);
  const whole = await session.rows<TargetRow>(
    MESSAGE_ROWS_SQL.targets,
    columnsOf(refs.slice(place, place + 1)),
  );
  return { rows: whole, cut: refs[place + 1]?.messageId ?? null };
}

/** Those before a message; all when it is null. */
function refsBefore<Ref extends MessageRef>(cut: string | null, refs: readonly Ref[]): readonly Ref[] {
  const place = refs.findIndex(({ messageId }) => messageId === cut);
  return place === -1 ? refs : refs.slice(0, place);
}

async function readHeads(
  session: Reads,
  refs: readonly MessageRef[],
  withDeleted: boolean,
): Promise<HeadRow[]> {
  const columns = columnsOf(refs);
  const heads = await session.rows<HeadRow>(MESSAGE_ROWS_SQL.heads, columns);
  if (withDeleted && heads.length < refs.length)
    heads.push(...(await session.rows<HeadRow>(MESSAGE_ROWS_SQL.deletedHeads, columns)));
  return heads;
}

function columnsOf(refs: readonly MessageRef[]): [string, string] {
  return [ids(refs.map(({ customerId }) => customerId)), ids(refs.map(({ messageId }) => messageId))];
}

/** Heads with their targets, in the order of the heads. */
async function withTargets(session: Reads, heads: readonly HeadRow[]): Promise<readonly Message[]> {
  if (heads.length === 0) return [];
  const rows = await session.rows<TargetRow>(MESSAGE_ROWS_SQL.targets, keysOf(heads));
  return assembled(heads, rows).map(({ message }) => message);
}

/** A message and what its targets weigh together on a page. */
export interface WeighedMessage {
  readonly message: Message;
  readonly weight: number;
}

/** Targets read at once for a page: a hundred messages may have a hundred thousand, of which the page will show 5,000. */
export const TARGETS_AT_ONCE = 2_000;

/**
 * The first of these heads, the newest first, with their targets: as many messages as are whole within a bounded number of
 * rows, and one at least.
 */
export async function firstWithTargets(
  session: Reads,
  heads: readonly HeadRow[],
): Promise<readonly WeighedMessage[]> {
  if (heads.length === 0) return [];
  const refs = heads.map((head) => ({ customerId: head.customer_id, messageId: head.message_id, head }));
  const { rows, cut } = await readFirstTargets(session, refs, TARGETS_AT_ONCE);
  return assembled(
    refsBefore(cut, refs).map(({ head }) => head),
    rows,
  );
}

function keysOf(heads: readonly HeadRow[]): [string, string] {
  return [ids(heads.map((head) => head.customer_id)), ids(heads.map((head) => head.message_id))];
}

function assembled(heads: readonly HeadRow[], rows: readonly TargetRow[]): readonly WeighedMessage[] {
  const targets = Map.groupBy(rows, ({ message_id }) => message_id);
  return heads.map((head) => {
    const own = targets.get(head.message_id) ?? [];
    const weight = own.reduce((sum, { destination }) => sum + weightOnPage(destination), 0);
    return { message: messageOf(head, own), weight };
  });
}

/**
 * A message's `tmUpdate` is that of its latest change: its own column changes when it is deleted only, so that a target
 * which moves costs no second row.
 */
function messageOf(head: HeadRow, rows: readonly TargetRow[]): Message {
  const tmCreate = micros(head.tm_create);
  const targets = rows.map((row) => targetOf(row, tmCreate));
  const [tmUpdate, tmDelete] = [timeOrNull(head.tm_update), timeOrNull(head.tm_delete)];
  return {
    id: head.message_id as MessageId, // a message_id column
    customerId: head.customer_id as CustomerId, // a customer_id column
    type: wordOf(TYPE_CODES, head.type),
    direction: wordOf(DIRECTION_CODES, head.direction),
    source: columnToAddress(head.source),
    text: head.text,
    options: JSON.parse(head.options) as MessageOptions, // only acceptMessages writes the column
    tmCreate,
    tmUpdate: tmDelete === null ? latest(tmCreate, tmUpdate, targets) : tmUpdate,
    tmDelete,
    targets,
  };
}

function targetOf(row: TargetRow, tmCreate: Micros): Target {
  return {
    n: row.n,
    destination: columnToAddress(row.destination),
    status: wordOf(STATUS_CODES, row.status),
    parts: row.parts,
    tmUpdate: timeOrNull(row.tm_update) ?? tmCreate,
    failure: columnToFailure(row.failure),
  };
}

function columnToFailure(column: string | null): Failure | null {
  if (column === null) return null;
  const [code, carrierCode, message] = JSON.parse(column) as [FailureCode, string, string]; // only failureColumn writes it
  return { code, carrierCode, message };
}

function latest(tmCreate: Micros, tmUpdate: Micros | null, targets: readonly Target[]): Micros | null {
  let last = tmUpdate;
  for (const target of targets) if (target.tmUpdate > (last ?? tmCreate)) last = target.tmUpdate;
  return last;
}

/** A column of microseconds. */
export function timeOrNull(value: number | null | undefined): Micros | null {
  return value === null || value === undefined ? null : micros(value);
}
