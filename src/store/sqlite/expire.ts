import { micros } from "../../domain/micros.ts";
import { isFinal, mayFollow, type TargetStatus } from "../../domain/target-status.ts";
import type { ExpiryRequest, ExpiryResult } from "../receiving-receipts.ts";
import { bytes, integer, integerOrNull, text } from "./connection.ts";
import { bytesToId } from "./id-bytes.ts";
import { type TargetRef, targetRefOfRow, trailColumn } from "./target-rows.ts";
import type { WireReader, Wire } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

const MINUTE = 60_000_000;
const DAY = 24 * 60 * MINUTE;

/** How long a receipt that matches nothing is kept: responses come within minutes of what they answer. */
export const PARKED_FOR = 15 * MINUTE;

/** How long after `dlr_timeout` a true receipt still finds its target. */
export const LATE_RECEIPT_FOR = 7 * DAY;

/** A receipt's deadline that passes while its target is still being sent is looked at again after this. */
const STILL_SENDING_FOR = 60 * MINUTE;

export function encodeExpiry({ now, limit }: ExpiryRequest): Wire {
  return ["expire", now, limit];
}

export function decodeExpired(answer: WireReader): ExpiryResult {
  return {
    gwTimeouts: answer.number(),
    dlrTimeouts: answer.number(),
    unmatchedReceipts: answer.number(),
    idempotencyKeys: answer.number(),
    more: answer.number() === 1,
  };
}

export const EXPIRE_SQL = {
  queued: `
    SELECT customer_id, message_id, n, carrier_id, held FROM queue INDEXED BY queue_expiry
    WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`,
  leased:
    "SELECT customer_id, message_id, n, carrier_id FROM leased WHERE marked_at IS NULL AND expires_at <= ? LIMIT ?",
  earliestLeased: "SELECT min(expires_at) FROM leased WHERE marked_at IS NULL",
  receipts: `
    SELECT customer_id, message_id, n, carrier_id, key, part, overdue FROM receipt_index INDEXED BY receipt_index_due
    WHERE due_at <= ? ORDER BY due_at LIMIT ?`,
  postpone: `
    UPDATE receipt_index SET due_at = ?, overdue = ?
    WHERE carrier_id = ? AND key = ? AND message_id = ? AND n = ? AND part = ?`,
  forget:
    "DELETE FROM receipt_index WHERE carrier_id = ? AND key = ? AND message_id = ? AND n = ? AND part = ?",
  idempotency: `
    DELETE FROM idempotency WHERE (customer_id, key) IN (
      SELECT customer_id, key FROM idempotency INDEXED BY idempotency_expiry
      WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`,
} as const;

/** Ends what has run out of time, kind by kind, `limit` rows of each at most. */
export function expire(context: WriterContext): Operation {
  const { connection, parked } = context;
  const targets = expireTargets(context);
  const receipts = expireReceipts(context);
  const idempotency = connection.prepare(EXPIRE_SQL.idempotency);
  return (request) => {
    const [now, limit] = [request.number(), request.number()];
    const queued = targets(now, limit);
    const overdue = receipts(now, limit);
    const unmatched = parked.dropOld(now - PARKED_FOR, limit);
    const keys = Number(idempotency.run(now, limit).changes);
    const isMore = queued.isMore || overdue.seen === limit || unmatched === limit || keys === limit;
    return [queued.gwTimeouts, queued.dlrTimeouts + overdue.dlrTimeouts, unmatched, keys, isMore ? 1 : 0];
  };
}

/** Targets whose validity is over: never sent, or held with an outcome that nobody knows. */
function expireTargets({ connection, queue, targets, events }: WriterContext) {
  const selectQueued = connection.prepare(EXPIRE_SQL.queued);
  const selectLeased = connection.prepare(EXPIRE_SQL.leased);
  const earliestLeased = connection.prepare(EXPIRE_SQL.earliestLeased);

  function end(target: TargetRef, status: "gw_timeout" | "dlr_timeout", now: number): void {
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

  /** Leased but never marked, so never sent; the node that has it is refused the mark. */
  function endLeased(now: number, limit: number): number {
    if (now < queue.earliestLeasedExpiry) return 0;
    const rows = selectLeased.all(now, limit);
    for (const row of rows) {
      const target = targetRefOfRow(row[0], row[1], row[2]);
      queue.takeAnyLeased(bytesToId(bytes(row[3])), target);
      end(target, "gw_timeout", now);
    }
    if (rows.length < limit) {
      const earliest = integerOrNull(earliestLeased.get()?.[0] ?? null);
      queue.resetEarliestLeasedExpiry(earliest ?? Number.POSITIVE_INFINITY);
    }
    return rows.length;
  }

  return (now: number, limit: number) => {
    const rows = selectQueued.all(now, limit);
    let held = 0;
    for (const row of rows) {
      const target = targetRefOfRow(row[0], row[1], row[2]);
      queue.removeWaiting(bytesToId(bytes(row[3])), target);
      const isHeld = row[4] === 1;
      if (isHeld) held++;
      end(target, isHeld ? "dlr_timeout" : "gw_timeout", now);
    }
    const leased = endLeased(now, limit);
    const gwTimeouts = rows.length - held + leased;
    return { gwTimeouts, dlrTimeouts: held, isMore: rows.length === limit || leased === limit };
  };
}

/** Receipts that never came: the target ends as `dlr_timeout`, and its key is kept for a late one. */
function expireReceipts({ connection, targets, events, receiptKeys }: WriterContext) {
  const select = connection.prepare(EXPIRE_SQL.receipts);
  const postpone = connection.prepare(EXPIRE_SQL.postpone);
  const forget = connection.prepare(EXPIRE_SQL.forget);

  return (now: number, limit: number) => {
    receiptKeys.bringDueToIndex(now);
    const rows = select.all(now, limit);
    let dlrTimeouts = 0;
    for (const row of rows) {
      const target = targetRefOfRow(row[0], row[1], row[2]);
      const key = [bytes(row[3]), text(row[4]), target.message, target.n, integer(row[5])] as const;
      const status = targets.read(target)?.status;
      const look = nextLook(status, row[6] === 1, now);
      if (look === null) forget.run(...key);
      else postpone.run(look.dueAt, look.overdue, ...key);
      if (look?.overdue !== 1 || status !== "sent") continue;
      targets.write(target, {
        status: "dlr_timeout",
        tmUpdate: now,
        trail: trailColumn([{ at: micros(now), what: "expired" }]),
      });
      events.changed(target, "dlr_timeout", now);
      dlrTimeouts++;
    }
    return { seen: rows.length, dlrTimeouts };
  };
}

/** What to do with the key: forget it, or look again at a time. */
function nextLook(status: TargetStatus | undefined, isOverdue: boolean, now: number) {
  if (isOverdue || status === undefined) return null;
  if (isFinal(status) && status !== "dlr_timeout") return null;
  if (status === "queued" || status === "scheduled") return { dueAt: now + STILL_SENDING_FOR, overdue: 0 };
  return { dueAt: now + LATE_RECEIPT_FOR, overdue: 1 };
}
