import type { RetentionOutcome, RetentionRequest } from "../retaining.ts";
import {
  CUSTOMERS_AT_ONCE,
  type RetentionActs,
  type RetentionSlice,
  type RetentionSpan,
  walkRetention,
} from "../retention-walk.ts";
import { ids } from "./array-literals.ts";
import { dropMonths } from "./drop-months.ts";
import { eraseContent } from "./erase-content.ts";
import type { Reads } from "./message-rows.ts";
import { emptyMessages, holdNamed, holdOld, type OldMessages, removeMessages } from "./remove-old.ts";
import { moveTargets, type UnitOfWork } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

/** Messages of one transaction at most. */
const MESSAGES_AT_ONCE = 200;

const LOWEST = "00000000-0000-0000-0000-000000000000";

export const SWEEP_RETENTION_SQL = {
  /** One node at a time: nothing comes back while another one's lease lasts. */
  lease: {
    name: "retention_lease",
    text: `
    INSERT INTO sweeps (name, node, expires_at) VALUES ('retention', $1, $2)
    ON CONFLICT (name) DO UPDATE SET node = excluded.node, expires_at = excluded.expires_at
      WHERE sweeps.node = excluded.node OR sweeps.expires_at <= $3
    RETURNING 1`,
  },
  customers: {
    name: "retention_customers",
    text: `
    SELECT customer_id AS id, retention_days AS "retentionDays", retention_content_days AS "retentionContentDays",
      (SELECT 1 FROM retention_waiting w WHERE w.customer_id = c.customer_id LIMIT 1) IS NOT NULL AS "hasWaiting"
    FROM customers c WHERE customer_id >= $1 ORDER BY customer_id LIMIT ${CUSTOMERS_AT_ONCE}`,
  },
  mark: {
    name: "retention_mark",
    text: "SELECT emptied_until FROM retention_marks WHERE customer_id = $1",
  },
  setMark: {
    name: "retention_set_mark",
    text: `
    INSERT INTO retention_marks (customer_id, emptied_until) VALUES ($1, $2)
    ON CONFLICT (customer_id) DO UPDATE SET emptied_until = excluded.emptied_until`,
  },
  waiting: {
    name: "retention_waiting",
    text: `
    SELECT message_id FROM retention_waiting WHERE customer_id = $1 AND message_id > $2
    ORDER BY message_id LIMIT $3`,
  },
  wait: {
    name: "retention_wait",
    text: `
    INSERT INTO retention_waiting (customer_id, message_id) SELECT $1, m FROM unnest($2::uuid[]) AS u (m)
    ON CONFLICT DO NOTHING`,
  },
  stopWaiting: {
    name: "retention_stop_waiting",
    text: `
    DELETE FROM retention_waiting t USING unnest($1::uuid[], $2::uuid[]) AS u (c, m)
    WHERE t.customer_id = u.c AND t.message_id = u.m`,
  },
} as const;

/** One step of the sweep, unless another node is at it. */
export async function sweepRetention(
  context: WriterContext,
  reads: Reads,
  request: RetentionRequest,
): Promise<RetentionOutcome> {
  const { node, leaseUntil, now } = request;
  const leased = await context.database.write(SWEEP_RETENTION_SQL.lease, [node, leaseUntil, now]);
  return leased.length === 0 ? { kind: "elsewhere" } : walkRetention(actsOf(context, reads), request);
}

function actsOf(context: WriterContext, reads: Reads): RetentionActs {
  return {
    customersFrom: (id) => reads.rows(SWEEP_RETENTION_SQL.customers, [id]),
    dropMonths: (request) => dropMonths(context, reads, request),
    removeOld: (span) => moveTargets(context, (unit) => removeOld(unit, span)),
    emptyOld: (span) => moveTargets(context, (unit) => emptyOld(unit, span)),
    emptyWaiting: (span) => moveTargets(context, (unit) => emptyWaiting(unit, span)),
  };
}

async function removeOld(unit: UnitOfWork, span: RetentionSpan): Promise<RetentionSlice> {
  const { customerId, now } = span;
  const old = await holdOld(unit, customerId, boundedSpan(span), now);
  const over = old.ids.filter((id) => !old.isUnsent(id) && !old.isAwaiting(id) && !old.isUntold(id));
  return sliceOf(old, over, await removeMessages(unit.session, customerId, over));
}

async function emptyOld(unit: UnitOfWork, span: RetentionSpan): Promise<RetentionSlice> {
  const { session } = unit;
  const { customerId, now } = span;
  const [mark] = await session.rows<{ emptied_until: string }>(SWEEP_RETENTION_SQL.mark, [customerId]);
  const after = mark?.emptied_until ?? LOWEST;
  const old = await holdOld(unit, customerId, boundedSpan({ ...span, after }), now);
  const over = contentOver(old);
  const changed = await emptyMessages(session, customerId, over);
  const last = old.ids.at(-1);
  if (last !== undefined) await session.run(SWEEP_RETENTION_SQL.setMark, [customerId, last]);
  if (over.length < old.ids.length)
    await session.run(SWEEP_RETENTION_SQL.wait, [
      customerId,
      ids(old.ids.filter((id) => !over.includes(id))),
    ]);
  return sliceOf(old, over, changed);
}

async function emptyWaiting(unit: UnitOfWork, span: RetentionSpan): Promise<RetentionSlice> {
  const { session } = unit;
  const { customerId, now } = span;
  const { after, before, limit } = boundedSpan(span);
  const rows = await session.rows<{ message_id: string }>(SWEEP_RETENTION_SQL.waiting, [
    customerId,
    after,
    limit,
  ]);
  const found = rows.map((row) => row.message_id);
  const old = await holdNamed(unit, customerId, found, now, rows.length === limit);
  const erased = old.ids.filter((id) => old.isErased(id) && !old.isNeeded(id));
  const aged = contentOver(old).filter((id) => id < before && !old.isErased(id));
  let changed = await emptyMessages(session, customerId, aged);
  for (const messageId of erased) changed += await eraseContent(session, { customerId, messageId }, null);
  const over = [...aged, ...erased];
  if (over.length > 0)
    await session.run(SWEEP_RETENTION_SQL.stopWaiting, [ids(over.map(() => customerId)), ids(over)]);
  return sliceOf(old, over, changed);
}

/** Receipts need no text; what is to be sent does, and so does whoever is still to be told. */
function contentOver(old: OldMessages): string[] {
  return old.ids.filter((id) => !old.isUnsent(id) && !old.isUntold(id));
}

function boundedSpan(span: RetentionSpan): RetentionSpan {
  return { ...span, limit: Math.min(span.limit, MESSAGES_AT_ONCE) };
}

function sliceOf(old: OldMessages, over: readonly string[], changed: number): RetentionSlice {
  const heldBack = old.ids.length - over.length;
  return { looked: old.ids.length, changed, heldBack, last: old.ids.at(-1) ?? null, isMore: old.isMore };
}
