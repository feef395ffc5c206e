import { micros } from "../../domain/micros.ts";
import { canceledTrail } from "../canceled-trail.ts";
import { ids } from "./array-literals.ts";
import { STATUS_CODES } from "./column-codes.ts";
import type { MessageRef } from "./message-rows.ts";
import { leasedPlace } from "./queue-rows.ts";
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
  { targets, queue, events }: UnitOfWork,
  wanted: readonly TargetRef[],
  at: (target: TargetRef) => number,
): Promise<readonly TargetRef[]> {
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
  for (const { target } of stopped) {
    const time = at(target);
    const isHeld = waiting.get(placeOf(target)) === true;
    const trail = trailColumn(canceledTrail(micros(time), isHeld));
    targets.write(target, { status: "canceled", tmUpdate: time, trail });
    events.changed(target, "canceled", time);
  }
  return stopped.map(({ target }) => target);
}
