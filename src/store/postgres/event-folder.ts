import { type Ids, timeOfId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { TargetStatus } from "../../domain/target-status.ts";
import { absorbs } from "../absorbing.ts";
import { flags, ids, numbers, texts } from "./array-literals.ts";
import { EVENT_BITS, EVENT_CODES, statusBits } from "./column-codes.ts";
import type { Session } from "./connection.ts";
import type { TargetRef } from "./target-rows.ts";
import type { Wakes } from "./wakes.ts";

interface Change {
  readonly customerId: string;
  readonly messageId: string;
  at: number;
  readonly changed: Set<number>;
  readonly statuses: Set<TargetStatus>;
}

/** An event to be written: a new one, or the open one that absorbs. */
interface EventRow {
  readonly customerId: string;
  readonly messageId: string;
  readonly eventId: string;
  readonly type: number;
  readonly isNew: boolean;
  readonly changed: string;
  readonly at: number;
  readonly eventBit: number;
  /** 0 when the event is not about statuses. */
  readonly statusBits: number;
}

interface LastRow {
  readonly message_id: string;
  readonly event_id: string;
  readonly type: number;
  readonly open: boolean;
  readonly changed: string;
}

/** What the statement `write` returns. */
interface WrittenRow {
  readonly endpoint_id: string;
  readonly blocked: boolean;
}

export const EVENT_FOLDER_SQL = {
  /** The last event of each message, locked: a claim that is about to close it goes first or waits. */
  last: {
    name: "events_last",
    text: `
    SELECT u.m AS message_id, e.event_id, e.type, e.open, e.changed FROM unnest($1::uuid[], $2::uuid[]) AS u (c, m)
      CROSS JOIN LATERAL (
        SELECT event_id, type, open, changed FROM events WHERE customer_id = u.c AND message_id = u.m
        ORDER BY event_id DESC LIMIT 1 FOR NO KEY UPDATE) e`,
  },
  /** Events, and their deliveries to whoever listens; a delivery waits for those of its message's earlier events. */
  write: {
    name: "events_write",
    text: `
    WITH told AS (
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::smallint[], $5::boolean[], $6::text[], $7::bigint[],
        $8::integer[], $9::integer[]) AS u (c, m, e, type, is_new, changed, at, event_bit, status_bits)
    ), begun AS (
      INSERT INTO events (customer_id, message_id, event_id, type, version, open, changed)
      SELECT c, m, e, type, 1, type = ${EVENT_CODES.message_updated}, changed FROM told WHERE is_new
    ), absorbed AS (
      UPDATE events v SET version = v.version + 1, changed = u.changed
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $5::boolean[], $6::text[]) AS u (c, m, e, is_new, changed)
      WHERE NOT u.is_new AND v.customer_id = u.c AND v.message_id = u.m AND v.event_id = u.e
    )
    INSERT INTO deliveries (endpoint_id, message_id, event_id, customer_id, attempts, due_at, blocked)
    SELECT w.endpoint_id, u.m, u.e, u.c, 0, u.at, EXISTS (
        SELECT 1 FROM deliveries d WHERE d.endpoint_id = w.endpoint_id AND d.message_id = u.m AND d.event_id < u.e)
    FROM told u JOIN endpoints w ON w.customer_id = u.c
    WHERE w.uri <> '' AND w.method <> '' AND w.disabled_reason IS NULL
      AND (w.event_mask = 0 OR w.event_mask & u.event_bit <> 0)
      AND (u.status_bits = 0 OR w.status_mask = 0 OR w.status_mask & u.status_bits <> 0)
    ON CONFLICT DO NOTHING RETURNING endpoint_id, blocked`,
  },
} as const;

/**
 * Gathers the changes of a transaction and writes one event for each changed message: a `message_updated` that nobody was
 * told of yet absorbs them for a while (absorbing.ts), else a new one begins. Nothing follows `message_deleted`. The messages' targets are held
 * (target-rows.ts), so that no other transaction writes events of them.
 */
export class EventFolder {
  readonly #session: Session;
  readonly #ids: Ids;
  readonly #wakes: Wakes;
  readonly #changes = new Map<string, Change>();
  /** The last events of messages, as far as they were looked up; null where there is none. */
  readonly #last = new Map<string, LastRow | null>();

  constructor(session: Session, idMaker: Ids, wakes: Wakes) {
    this.#session = session;
    this.#ids = idMaker;
    this.#wakes = wakes;
  }

  /** Takes in that a target has a new status or new parts. */
  changed({ customerId, messageId, n }: TargetRef, status: TargetStatus, at: number): void {
    const change = this.#changes.get(messageId);
    if (change === undefined) {
      const [changed, statuses] = [new Set([n]), new Set([status])];
      this.#changes.set(messageId, { customerId, messageId, at, changed, statuses });
      return;
    }
    change.changed.add(n);
    change.statuses.add(status);
    change.at = Math.max(change.at, at);
  }

  /** Writes `message_deleted` of messages. */
  async deleted(
    messages: readonly { customerId: string; messageId: string; eventId: string; at: number }[],
  ): Promise<void> {
    await this.#lookUp(messages);
    this.#write(
      messages.map(({ customerId, messageId, eventId, at }) => ({
        customerId,
        messageId,
        at,
        eventId: this.#laterThan(this.#last.get(messageId) ?? null, eventId),
        type: EVENT_CODES.message_deleted,
        isNew: true,
        changed: "",
        eventBit: EVENT_BITS.message_deleted,
        statusBits: 0,
      })),
    );
  }

  /** Looks up what the flush needs to know, for the changes so far: whoever waits for an answer anyhow may ask along. */
  async prepare(): Promise<void> {
    await this.#lookUp([...this.#changes.values()]);
  }

  /** Writes the events, with the next statement. */
  async flush(): Promise<void> {
    const changes = [...this.#changes.values()];
    this.#changes.clear();
    if (changes.length === 0) return;
    await this.#lookUp(changes);
    const rows = changes.flatMap((change) => this.#rowOf(change, this.#last.get(change.messageId) ?? null));
    if (rows.length > 0) this.#write(rows);
  }

  #rowOf(change: Change, last: LastRow | null): EventRow[] {
    if (last?.type === EVENT_CODES.message_deleted) return [];
    const { customerId, messageId, at } = change;
    const isNew = last?.open !== true || !absorbs(last.event_id, at);
    return [
      {
        customerId,
        messageId,
        at,
        isNew,
        eventId: isNew ? this.#laterThan(last, this.#ids.at(micros(at))) : last.event_id,
        type: EVENT_CODES.message_updated,
        changed: merged(isNew ? "" : last.changed, change.changed),
        eventBit: EVENT_BITS.message_updated,
        statusBits: statusBits(change.statuses),
      },
    ];
  }

  async #lookUp(messages: readonly { customerId: string; messageId: string }[]): Promise<void> {
    const unknown = messages.filter(({ messageId }) => !this.#last.has(messageId));
    if (unknown.length === 0) return;
    const sorted = unknown.toSorted((a, b) => (a.messageId < b.messageId ? -1 : 1));
    const rows = await this.#session.rows<LastRow>(EVENT_FOLDER_SQL.last, [
      ids(sorted.map(({ customerId }) => customerId)),
      ids(sorted.map(({ messageId }) => messageId)),
    ]);
    for (const { messageId } of unknown) this.#last.set(messageId, null);
    for (const row of rows) this.#last.set(row.message_id, row);
  }

  #write(rows: readonly EventRow[]): void {
    for (const { customerId, messageId } of rows) {
      this.#last.delete(messageId); // it has a later one now
      this.#wakes.events(customerId);
    }
    this.#session.withNext(
      EVENT_FOLDER_SQL.write,
      [
        ids(rows.map(({ customerId }) => customerId)),
        ids(rows.map(({ messageId }) => messageId)),
        ids(rows.map(({ eventId }) => eventId)),
        numbers(rows.map(({ type }) => type)),
        flags(rows.map(({ isNew }) => isNew)),
        texts(rows.map(({ changed }) => changed)),
        numbers(rows.map(({ at }) => at)),
        numbers(rows.map(({ eventBit }) => eventBit)),
        numbers(rows.map((row) => row.statusBits)),
      ],
      (deliveries) => {
        for (const { endpoint_id, blocked } of deliveries as readonly WrittenRow[])
          if (!blocked) this.#wakes.deliveries(endpoint_id);
      },
    );
  }

  /** The wanted id, or one a microsecond after the last event: the events of a message are ordered by their ids. */
  #laterThan(last: LastRow | null, wanted: string): string {
    if (last === null || last.event_id < wanted) return wanted;
    return this.#ids.at(micros(timeOfId(last.event_id) + 1));
  }
}

function merged(column: string, changed: ReadonlySet<number>): string {
  const all = new Set(changed);
  if (column !== "") for (const index of column.split(",")) all.add(Number(index));
  return [...all].toSorted((a, b) => a - b).join(",");
}
