import type { CarrierId } from "../../domain/ids.ts";
import type { QueueDepth } from "../queueing.ts";
import type { Statement } from "./connection.ts";
import { type Reads, timeOrNull } from "./message-rows.ts";
import { earliestDue } from "./read-queue.ts";

/** What waits at a carrier is counted one by one up to this. */
export const COUNTED_MAX = 10_000;

/** Beyond it, pages of the queue's table that are looked into to estimate the rest: 1,000 of them are 3 % off, as a rule. */
const SAMPLED_PAGES = 1_000;

/** Counts stop one past the limit. In the order of an index: else all entries of the carrier are gathered before the first row. */
const upTo = (condition: string, order: string): string =>
  `(SELECT count(*) FROM (SELECT FROM queue q WHERE q.carrier_id = at.carrier_id AND ${condition}
      ORDER BY ${order} LIMIT ${COUNTED_MAX + 1}) AS c)`;

/**
 * Nothing is counted ahead: counters would be rows for which every node's commits wait, or rows that each commit adds and
 * somebody folds. Nothing that grows is counted to its end either (0.3 s for a million targets, at each look at the metrics).
 */
export const QUEUE_DEPTHS_SQL = {
  /**
   * Goes from carrier to carrier along the key. Waiting are those in the queue that are not held, and those in a process's
   * memory that are not marked; leased rows are as many as dispatchers hold.
   */
  counted: {
    name: "queue_depths",
    text: `
    WITH RECURSIVE at (carrier_id) AS (
      (SELECT carrier_id FROM queue ORDER BY carrier_id LIMIT 1)
      UNION ALL
      SELECT (SELECT q.carrier_id FROM queue q WHERE q.carrier_id > at.carrier_id ORDER BY q.carrier_id LIMIT 1)
      FROM at WHERE at.carrier_id IS NOT NULL
    ), queued AS (
      SELECT carrier_id, ${upTo("NOT q.held", "q.priority, q.due_at")} AS waiting,
        ${upTo("q.held", "q.message_id, q.n")} AS held
      FROM at WHERE carrier_id IS NOT NULL
    ), depths AS (
      SELECT carrier_id, waiting, held, 0 AS unmarked, 0 AS marked FROM queued
      UNION ALL
      SELECT carrier_id, 0, 0, count(*) - count(marked_at), count(marked_at) FROM leased GROUP BY carrier_id
    )
    SELECT carrier_id, sum(waiting)::bigint AS waiting, sum(held)::bigint AS held, sum(unmarked)::bigint AS unmarked,
      sum(marked)::bigint AS marked, (SELECT min(due_at) FROM (${earliestDue("d.carrier_id")}) AS e) AS oldest
    FROM depths d GROUP BY carrier_id`,
  },
  /** The same pages from one look to the next, so that what is shown moves with the queue and not by chance. */
  sampled: {
    name: "queue_depths_sampled",
    text: `
    WITH size AS (
      SELECT greatest(1, pg_relation_size('queue') / current_setting('block_size')::bigint) AS pages
    ), sample AS (
      SELECT carrier_id, count(*) AS found
      FROM queue TABLESAMPLE SYSTEM (least(100, 100.0 * ${SAMPLED_PAGES}
        / greatest(1, pg_relation_size('queue') / current_setting('block_size')::bigint))) REPEATABLE (0)
      WHERE NOT held GROUP BY carrier_id
    )
    SELECT carrier_id, (found * greatest(1, pages / ${SAMPLED_PAGES}.0))::bigint AS waiting FROM sample, size`,
  },
} as const satisfies Record<string, Statement>;

interface DepthRow {
  readonly carrier_id: string;
  readonly waiting: number;
  readonly held: number;
  readonly unmarked: number;
  readonly marked: number;
  readonly oldest: number | null;
}

interface SampleRow {
  readonly carrier_id: string;
  readonly waiting: number;
}

/** What every carrier has queued, those of `known` that have nothing included. */
export async function queueDepths(
  reads: Reads,
  known: ReadonlySet<CarrierId>,
): Promise<readonly QueueDepth[]> {
  const depths = await readDepths(reads);
  const told = new Set(depths.map(({ carrierId }) => carrierId));
  const empty = [...known].filter((carrierId) => !told.has(carrierId));
  return [
    ...depths,
    ...empty.map((carrierId) => ({ carrierId, waiting: 0, oldestDueAt: null, inFlight: 0, held: 0 })),
  ];
}

async function readDepths(reads: Reads): Promise<readonly QueueDepth[]> {
  const rows = await reads.rows<DepthRow>(QUEUE_DEPTHS_SQL.counted, []);
  const isLong = rows.some(({ waiting }) => waiting > COUNTED_MAX);
  const samples = isLong ? await reads.rows<SampleRow>(QUEUE_DEPTHS_SQL.sampled, []) : [];
  const estimates = new Map(samples.map(({ carrier_id, waiting }) => [carrier_id, waiting]));
  return rows.map((row) => ({
    carrierId: row.carrier_id as CarrierId, // a carrier_id column
    waiting: row.unmarked + waitingOf(row, estimates),
    oldestDueAt: timeOrNull(row.oldest),
    inFlight: row.marked,
    held: row.held,
  }));
}

/** As counted; where counting stopped, as estimated, and never less than was counted. */
function waitingOf({ carrier_id, waiting }: DepthRow, estimates: ReadonlyMap<string, number>): number {
  return waiting > COUNTED_MAX ? Math.max(waiting, estimates.get(carrier_id) ?? 0) : waiting;
}
