import { ids, flags, numbers, texts } from "./array-literals.ts";
import type { Session } from "./connection.ts";
import { placeOf, type TargetRef } from "./target-rows.ts";
import type { Wakes } from "./wakes.ts";

/** What a target's row holds wherever it waits. */
export interface QueuedRow {
  readonly priority: number;
  readonly expiresAt: number;
  readonly attempts: number;
  readonly fallbacks: string;
}

/** A row that was taken out of the leased ones. */
export interface LeasedRow extends QueuedRow {
  readonly node: string;
  readonly markedAt: number | null;
  readonly bind: number | null;
}

/** A target at a carrier. */
export interface QueuedTarget {
  readonly carrierId: string;
  readonly target: TargetRef;
}

interface TakenRow {
  readonly message_id: string;
  readonly n: number;
  readonly carrier_id: string;
  readonly priority: number;
  readonly expires_at: number;
  readonly attempts: number;
  readonly fallbacks: string;
  readonly node: string;
  readonly marked_at: number | null;
  readonly bind: number | null;
}

const TAKEN = `l.message_id, l.n, l.carrier_id, l.priority, l.expires_at, l.attempts, l.fallbacks, l.node, l.marked_at,
      l.bind`;

/**
 * Where the row of each key is. The statistics of tables that fill and empty are always wrong, and a join by the key may
 * then go through the whole index for each key; one subquery for each, and the row by its place, leaves no such choice.
 */
const PLACE_IN = (table: "leased" | "queue") => `CROSS JOIN LATERAL (
        SELECT ctid FROM ${table} WHERE carrier_id = u.k AND message_id = u.m AND n = u.n OFFSET 0) AS f (place)`;

export const QUEUE_ROWS_SQL = {
  insert: {
    name: "queue_insert",
    text: `
    INSERT INTO queue (carrier_id, message_id, n, customer_id, priority, due_at, expires_at, attempts, held, fallbacks)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::uuid[], $5::smallint[], $6::bigint[], $7::bigint[],
      $8::integer[], $9::boolean[], $10::text[])`,
  },
  /** Takes targets from the nodes that are named. */
  take: {
    name: "leased_take",
    text: `
    DELETE FROM leased l USING unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[]) AS u (k, m, n, node)
      ${PLACE_IN("leased")}
    WHERE l.ctid = f.place AND l.node = u.node
    RETURNING ${TAKEN}`,
  },
  /** Takes the leases that are named: those of the nodes under these marks. */
  end: {
    name: "leased_end",
    text: `
    DELETE FROM leased l USING unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::bigint[])
      AS u (k, m, n, node, marked_at)
      ${PLACE_IN("leased")}
    WHERE l.ctid = f.place AND l.node = u.node AND l.marked_at IS NOT DISTINCT FROM u.marked_at
    RETURNING ${TAKEN}`,
  },
  takeAny: {
    name: "leased_take_any",
    text: `
    DELETE FROM leased l USING unnest($1::uuid[], $2::uuid[], $3::integer[]) AS u (k, m, n)
      ${PLACE_IN("leased")}
    WHERE l.ctid = f.place
    RETURNING ${TAKEN}`,
  },
  takeUnmarked: {
    name: "leased_take_unmarked",
    text: `
    DELETE FROM leased l USING unnest($1::uuid[], $2::uuid[], $3::integer[]) AS u (k, m, n)
      ${PLACE_IN("leased")}
    WHERE l.ctid = f.place AND l.marked_at IS NULL
    RETURNING ${TAKEN}`,
  },
  endValidity: {
    name: "leased_end_validity",
    text: `
    UPDATE leased l SET expires_at = 0 FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS u (k, m, n)
      ${PLACE_IN("leased")}
    WHERE l.ctid = f.place`,
  },
  removeWaiting: {
    name: "queue_remove",
    text: `
    DELETE FROM queue q USING unnest($1::uuid[], $2::uuid[], $3::integer[]) AS u (k, m, n)
      ${PLACE_IN("queue")}
    WHERE q.ctid = f.place
    RETURNING q.message_id, q.n, q.held`,
  },
  removeHeld: {
    name: "queue_remove_held",
    text: `
    DELETE FROM queue q USING unnest($1::uuid[], $2::uuid[], $3::integer[]) AS u (k, m, n)
      ${PLACE_IN("queue")}
    WHERE q.ctid = f.place AND q.held
    RETURNING q.message_id, q.n`,
  },
  endHold: {
    name: "queue_end_hold",
    text: `
    UPDATE queue q SET held = false, due_at = u.at
    FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::bigint[]) AS u (k, m, n, at)
      ${PLACE_IN("queue")}
    WHERE q.ctid = f.place AND q.held
    RETURNING q.carrier_id, q.message_id, q.n`,
  },
} as const;

/** The two tables of targets on their way out, for one transaction: takes at once, puts back at the end. */
export class QueueRows {
  readonly #session: Session;
  readonly #wakes: Wakes;
  #back: (QueuedTarget & { row: QueuedRow; dueAt: number; isHeld: boolean })[] = [];

  constructor(session: Session, wakes: Wakes) {
    this.#session = session;
    this.#wakes = wakes;
  }

  /** Takes targets from the node that each is said to be with; those that it does not have are not in the answer. */
  async takeLeased(wanted: readonly (QueuedTarget & { node: string })[]): Promise<Map<string, LeasedRow>> {
    const nodes = texts(wanted.map(({ node }) => node));
    const rows = await this.#session.rows<TakenRow>(QUEUE_ROWS_SQL.take, [...columnsOf(wanted), nodes]);
    return leasedRows(rows);
  }

  /** Takes targets from the node that each is said to be with, if it has them under that mark still. */
  async endLeases(
    wanted: readonly (QueuedTarget & { node: string; markedAt: number | null })[],
  ): Promise<Map<string, LeasedRow>> {
    const nodes = texts(wanted.map(({ node }) => node));
    const marks = numbers(wanted.map(({ markedAt }) => markedAt));
    const values = [...columnsOf(wanted), nodes, marks];
    return leasedRows(await this.#session.rows<TakenRow>(QUEUE_ROWS_SQL.end, values));
  }

  /** Takes targets from whichever node has them. */
  async takeAnyLeased(wanted: readonly QueuedTarget[]): Promise<Map<string, LeasedRow>> {
    if (wanted.length === 0) return new Map();
    return leasedRows(await this.#session.rows<TakenRow>(QUEUE_ROWS_SQL.takeAny, columnsOf(wanted)));
  }

  /** Takes targets from whichever node has them and has not marked them. */
  async takeUnmarked(wanted: readonly QueuedTarget[]): Promise<Map<string, LeasedRow>> {
    if (wanted.length === 0) return new Map();
    return leasedRows(await this.#session.rows<TakenRow>(QUEUE_ROWS_SQL.takeUnmarked, columnsOf(wanted)));
  }

  /** Ends the validity of targets that some node has: they are not marked in flight once more, and run out when they come back. */
  async endValidity(wanted: readonly QueuedTarget[]): Promise<void> {
    if (wanted.length > 0) await this.#session.run(QUEUE_ROWS_SQL.endValidity, columnsOf(wanted));
  }

  /** Takes targets out of the queue; answers those that were in it, and whether they were held. */
  async removeWaiting(wanted: readonly QueuedTarget[]): Promise<Map<string, boolean>> {
    if (wanted.length === 0) return new Map();
    const rows = await this.#session.rows<{ message_id: string; n: number; held: boolean }>(
      QUEUE_ROWS_SQL.removeWaiting,
      columnsOf(wanted),
    );
    return new Map(rows.map(({ message_id, n, held }) => [placeOf(refOf(message_id, n)), held]));
  }

  /** Takes held targets out of the queue; answers those that were held. */
  async removeHeld(wanted: readonly QueuedTarget[]): Promise<Set<string>> {
    if (wanted.length === 0) return new Set();
    const rows = await this.#session.rows<{ message_id: string; n: number }>(
      QUEUE_ROWS_SQL.removeHeld,
      columnsOf(wanted),
    );
    return new Set(rows.map(({ message_id, n }) => placeOf(refOf(message_id, n))));
  }

  /** Makes held targets due at their times; answers those that were held. */
  async endHolds(wanted: readonly (QueuedTarget & { at: number })[]): Promise<Set<string>> {
    if (wanted.length === 0) return new Set();
    const rows = await this.#session.rows<{ carrier_id: string; message_id: string; n: number }>(
      QUEUE_ROWS_SQL.endHold,
      [...columnsOf(wanted), numbers(wanted.map(({ at }) => at))],
    );
    for (const { carrier_id } of rows) this.#wakes.queue(carrier_id);
    return new Set(rows.map(({ message_id, n }) => placeOf(refOf(message_id, n))));
  }

  putBack(carrierId: string, target: TargetRef, row: QueuedRow, dueAt: number, isHeld = false): void {
    this.#back.push({ carrierId, target, row, dueAt, isHeld });
    if (!isHeld) this.#wakes.queue(carrierId);
  }

  /** Takes back what was to be put back of a target: it need not go again. */
  dropBack(target: TargetRef): void {
    const place = placeOf(target);
    this.#back = this.#back.filter((row) => placeOf(row.target) !== place);
  }

  /** Writes what was put back, with the next statement. */
  flush(): void {
    const rows = this.#back;
    this.#back = [];
    if (rows.length === 0) return;
    this.#session.withNext(QUEUE_ROWS_SQL.insert, [
      ...columnsOf(rows),
      ids(rows.map(({ target }) => target.customerId)),
      numbers(rows.map(({ row }) => row.priority)),
      numbers(rows.map(({ dueAt }) => dueAt)),
      numbers(rows.map(({ row }) => row.expiresAt)),
      numbers(rows.map(({ row }) => row.attempts)),
      flags(rows.map(({ isHeld }) => isHeld)),
      texts(rows.map(({ row }) => row.fallbacks)),
    ]);
  }
}

function columnsOf(wanted: readonly QueuedTarget[]): [string, string, string] {
  return [
    ids(wanted.map(({ carrierId }) => carrierId)),
    ids(wanted.map(({ target }) => target.messageId)),
    numbers(wanted.map(({ target }) => target.n)),
  ];
}

function refOf(messageId: string, n: number): TargetRef {
  return { customerId: "", messageId, n };
}

function leasedRows(rows: readonly TakenRow[]): Map<string, LeasedRow> {
  return new Map(
    rows.map((row) => [
      `${row.carrier_id} ${placeOf(refOf(row.message_id, row.n))}`,
      {
        priority: row.priority,
        expiresAt: row.expires_at,
        attempts: row.attempts,
        fallbacks: row.fallbacks,
        node: row.node,
        markedAt: row.marked_at,
        bind: row.bind,
      },
    ]),
  );
}

/** How {@link QueueRows} names a target at a carrier in what it answers. */
export function leasedPlace(carrierId: string, target: TargetRef): string {
  return `${carrierId} ${placeOf(target)}`;
}
