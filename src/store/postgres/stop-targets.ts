import { micros } from "../../domain/micros.ts";
import { canceledTrail } from "../canceled-trail.ts";
import { ids } from "./array-literals.ts";
import { STATUS_CODES } from "./column-codes.ts";
import type { MessageRef } from "./message-rows.ts";
import { leasedPlace, type QueuedTarget } from "./queue-rows.ts";
import { placeOf, type TargetRef, trailColumn } from "./target-rows.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

export const STOP_SQL = {
  /** Targets that were not sent yet, as far as their status says. */
  name: "unsent",
  text: `
  SELECT t.customer_id, t.message_id, t.n FROM unnest($1::uuid[], $2::uuid[]) AS u (c, m)
    JOIN targets t ON t.customer_id = u.c AND t.message_id = u.m
  WHERE t.status IN (${STATUS_CODES.scheduled}, ${STATUS_CODES.queued}) ORDER BY t.message_id, t.n`,
} as const;

/** Which targets of messages may still be stopped. */
export async function unsentTargets(
  { session }: UnitOfWork,
  messages: readonly MessageRef[],
): Promise<readonly TargetRef[]> {
  const rows = await session.rows<{ customer_id: string; message_id: string; n: number }>(STOP_SQL, [
    ids(messages.map(({ customerId }) => customerId)),
    ids(messages.map(({ messageId }) => messageId)),
  ]);
  return rows.map(({ customer_id, message_id, n }) => ({
    customerId: customer_id,
    messageId: message_id,
    n,
  }));
}

/**
 * Ends targets as `canceled`, with an event, save those in flight; answers which it ended. One that was handed over and not
 * marked yet is stopped as well: its mark is refused. So is one that is held; its trail says that its outcome is unknown.
 */
export async function stopTargets(
  unit: UnitOfWork,
  wanted: readonly TargetRef[],
  at: (target: TargetRef) => number,
): Promise<readonly TargetRef[]> {
  const { targets, queue } = unit;
  await targets.hold(wanted);
  const queued = wanted.flatMap((target) => {
    const carrierId = targets.read(target)?.carrierId ?? null;
    return carrierId === null ? [] : [{ carrierId, target }];
  });
  const waiting = await queue.removeWaiting(queued);
  const leased = await queue.takeUnmarked(queued);
  const stopped = queued.filter(
    ({ carrierId, target }) => waiting.has(placeOf(target)) || leased.has(leasedPlace(carrierId, target)),
  );
  for (const { target } of stopped)
    endCanceled(unit, target, at(target), waiting.get(placeOf(target)) === true);
  return stopped.map(({ target }) => target);
}

/** Ends those of the targets as `canceled` that their carriers hold; answers which. */
export async function stopHeldTargets(
  unit: UnitOfWork,
  wanted: readonly QueuedTarget[],
  at: number,
): Promise<Set<string>> {
  await unit.targets.hold(wanted.map(({ target }) => target));
  const held = await unit.queue.removeHeld(wanted);
  for (const { target } of wanted) if (held.has(placeOf(target))) endCanceled(unit, target, at, true);
  return held;
}

function endCanceled({ targets, events }: UnitOfWork, target: TargetRef, at: number, wasHeld: boolean): void {
  const trail = trailColumn(canceledTrail(micros(at), wasHeld));
  targets.write(target, { status: "canceled", tmUpdate: at, trail });
  events.changed(target, "canceled", at);
}
