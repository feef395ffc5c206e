import { micros } from "../../domain/micros.ts";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { isFinal, mayFollow, type TargetStatus } from "../../domain/target-status.ts";
import type { ExpiryRequest, ExpiryResult } from "../receiving-receipts.ts";
import { flags, ids, numbers, texts } from "./array-literals.ts";
import { dropOldParked } from "./parked-receipts.ts";
import { leasedPlace } from "./queue-rows.ts";
import { PLACE_OF_KEY } from "./receipt-keys.ts";
import { placeOf, type TargetRef, trailColumn } from "./target-rows.ts";
import { moveTargets, type UnitOfWork } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

const MINUTE = 60_000_000;
const DAY = 24 * 60 * MINUTE;

/** How long a receipt that matches nothing is kept: responses come within minutes of what they answer. */
export const PARKED_FOR = 15 * MINUTE;

/** How long after `dlr_timeout` a true receipt still finds its target. */
export const LATE_RECEIPT_FOR = 7 * DAY;

/** A receipt's deadline that passes while its target is still being sent is looked at again after this. */
const STILL_SENDING_FOR = 60 * MINUTE;

export const EXPIRE_SQL = {
  queued: {
    name: "expire_queued",
    text: `
    SELECT customer_id, message_id, n, carrier_id FROM queue WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2`,
  },
  leased: {
    name: "expire_leased",
    text: `
    SELECT customer_id, message_id, n, carrier_id FROM leased WHERE marked_at IS NULL AND expires_at <= $1 LIMIT $2`,
  },
  receipts: {
    name: "expire_receipts",
    text: `
    SELECT customer_id, message_id, n, carrier_id, key, part, overdue FROM receipt_keys
    WHERE due_at <= $1 ORDER BY due_at LIMIT $2`,
  },
  postpone: {
    name: "expire_postpone",
    text: `
    UPDATE receipt_keys r SET due_at = u.due, overdue = u.overdue
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::integer[], $5::integer[], $6::bigint[], $7::boolean[])
      AS u (k, key, m, n, part, due, overdue) ${PLACE_OF_KEY}
    WHERE r.ctid = f.place`,
  },
  forget: {
    name: "expire_forget",
    text: `
    DELETE FROM receipt_keys r USING unnest($1::uuid[], $2::text[], $3::uuid[], $4::integer[], $5::integer[])
      AS u (k, key, m, n, part) ${PLACE_OF_KEY}
    WHERE r.ctid = f.place`,
  },
  idempotency: {
    name: "expire_idempotency",
    text: `
    DELETE FROM idempotency i USING (
      SELECT ctid AS place FROM idempotency WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2
      FOR UPDATE SKIP LOCKED) AS u
    WHERE i.ctid = u.place AND i.expires_at <= $1`,
  },
} as const;

interface FoundRow {
  readonly customer_id: string;
  readonly message_id: string;
  readonly n: number;
  readonly carrier_id: string;
}

interface DueRow extends FoundRow {
  readonly key: string;
  readonly part: number;
  readonly overdue: boolean;
}

/** Ends what has run out of time, kind by kind, `limit` rows of each at most. */
export async function expire(context: WriterContext, { now, limit }: ExpiryRequest): Promise<ExpiryResult> {
  context.later(() => context.housekeeping.keep(now));
  const damages: StoreUnavailable[] = [];
  async function end<Ended>(nothing: Ended, work: (unit: UnitOfWork) => Promise<Ended>): Promise<Ended> {
    try {
      return await moveTargets(context, work);
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || error.reason !== "damaged") throw error;
      damages.push(error); // met again with each sweep: the other kinds must not wait for that
      return nothing;
    }
  }

  const noTargets = { gwTimeouts: 0, dlrTimeouts: 0, isMore: false };
  const queued = await end(noTargets, (unit) => expireTargets(unit, now, limit));
  const receipts = await end({ seen: 0, dlrTimeouts: 0 }, (unit) => expireReceipts(unit, now, limit));
  const [unmatched, keys] = await end<readonly [number, number]>([0, 0], async (unit) => {
    await context.overlooked.unpark(unit, context);
    const dropped = await dropOldParked(unit.session, now - PARKED_FOR, limit);
    return [dropped, await unit.session.run(EXPIRE_SQL.idempotency, [now, limit])];
  });
  const [damage] = damages;
  if (damage !== undefined) throw damage;
  return {
    gwTimeouts: queued.gwTimeouts,
    dlrTimeouts: queued.dlrTimeouts + receipts.dlrTimeouts,
    unmatchedReceipts: unmatched,
    idempotencyKeys: keys,
    more: queued.isMore || receipts.seen === limit || unmatched === limit || keys === limit,
  };
}

/** Targets whose validity is over: never sent, or held with an outcome that nobody knows. */
async function expireTargets(unit: UnitOfWork, now: number, limit: number) {
  const { session, targets, queue } = unit;
  const waiting = (await session.rows<FoundRow>(EXPIRE_SQL.queued, [now, limit])).map(queuedOf);
  const leased = (await session.rows<FoundRow>(EXPIRE_SQL.leased, [now, limit])).map(queuedOf);
  await targets.hold([...waiting, ...leased].map(({ target }) => target));
  const removed = await queue.removeWaiting(waiting);
  const taken = await queue.takeUnmarked(leased);
  let [gwTimeouts, dlrTimeouts] = [0, 0];
  for (const { target } of waiting) {
    const isHeld = removed.get(placeOf(target));
    if (isHeld === undefined) continue; // claimed meanwhile, or another node's sweep was here
    if (isHeld) dlrTimeouts++;
    else gwTimeouts++;
    endTarget(unit, target, isHeld ? "dlr_timeout" : "gw_timeout", now);
  }
  for (const { carrierId, target } of leased) {
    if (!taken.has(leasedPlace(carrierId, target))) continue; // marked or settled meanwhile
    gwTimeouts++;
    endTarget(unit, target, "gw_timeout", now);
  }
  return { gwTimeouts, dlrTimeouts, isMore: waiting.length === limit || leased.length === limit };
}

function endTarget(
  { targets, events }: UnitOfWork,
  target: TargetRef,
  status: "gw_timeout" | "dlr_timeout",
  now: number,
): void {
  const current = targets.read(target)?.status;
  if (current === undefined || !mayFollow(current, status)) return;
  const failure =
    status === "gw_timeout"
      ? ({ code: "expired", carrierCode: "", message: "No carrier took it within its validity." } as const)
      : null;
  const trail = trailColumn([{ at: micros(now), what: "expired" }]);
  targets.write(target, { status, failure, tmUpdate: now, trail });
  events.changed(target, status, now);
}

/** Receipts that never came: the target ends as `dlr_timeout`, and its key is kept for a late one. */
async function expireReceipts({ session, targets, events }: UnitOfWork, now: number, limit: number) {
  const rows = await session.rows<DueRow>(EXPIRE_SQL.receipts, [now, limit]);
  await targets.hold(rows.map(refOf));
  const looks = rows.map((row) => ({
    row,
    look: nextLook(targets.read(refOf(row))?.status, row.overdue, now),
  }));
  let dlrTimeouts = 0;
  for (const { row, look } of looks) {
    const target = refOf(row);
    if (look?.overdue !== true || targets.read(target)?.status !== "sent") continue;
    const trail = trailColumn([{ at: micros(now), what: "expired" }]);
    targets.write(target, { status: "dlr_timeout", tmUpdate: now, trail });
    events.changed(target, "dlr_timeout", now);
    dlrTimeouts++;
  }
  const forgotten = looks.filter(({ look }) => look === null).map(({ row }) => row);
  if (forgotten.length > 0) await session.run(EXPIRE_SQL.forget, columnsOf(forgotten));
  const postponed = looks.flatMap(({ row, look }) => (look === null ? [] : [{ row, look }]));
  if (postponed.length > 0) {
    const due = numbers(postponed.map(({ look }) => look.dueAt));
    const overdue = flags(postponed.map(({ look }) => look.overdue));
    await session.run(EXPIRE_SQL.postpone, [...columnsOf(postponed.map(({ row }) => row)), due, overdue]);
  }
  return { seen: rows.length, dlrTimeouts };
}

/** What to do with the key: forget it, or look again at a time. */
function nextLook(status: TargetStatus | undefined, isOverdue: boolean, now: number) {
  if (isOverdue || status === undefined) return null;
  if (isFinal(status) && status !== "dlr_timeout") return null;
  if (status === "queued" || status === "scheduled")
    return { dueAt: now + STILL_SENDING_FOR, overdue: false };
  return { dueAt: now + LATE_RECEIPT_FOR, overdue: true };
}

function refOf(row: FoundRow): TargetRef {
  return { customerId: row.customer_id, messageId: row.message_id, n: row.n };
}

function queuedOf(row: FoundRow) {
  return { carrierId: row.carrier_id, target: refOf(row) };
}

function columnsOf(rows: readonly DueRow[]): string[] {
  return [
    ids(rows.map((row) => row.carrier_id)),
    texts(rows.map(({ key }) => key)),
    ids(rows.map((row) => row.message_id)),
    numbers(rows.map(({ n }) => n)),
    numbers(rows.map(({ part }) => part)),
  ];
}
