import { micros } from "../../domain/micros.ts";
import { STATUS_CODES } from "./column-codes.ts";
import { integer } from "./connection.ts";
import { canceledTrail } from "../canceled-trail.ts";
import { type TargetRef, trailColumn } from "./target-rows.ts";
import type { WriterContext } from "./writer-context.ts";

export const STOP_SQL = {
  /** Targets that were not sent yet, as far as their status says. */
  unsent: `
    SELECT n FROM targets WHERE customer_id = ? AND message_id = ?
      AND status IN (${STATUS_CODES.scheduled}, ${STATUS_CODES.queued}) ORDER BY n`,
  isUnmarked: "SELECT 1 FROM leased WHERE carrier_id = ? AND message_id = ? AND n = ? AND marked_at IS NULL",
} as const;

/** Stops targets before they are sent. */
export interface TargetStop {
  /** Which targets of a message may still be stopped. */
  unsent(message: Omit<TargetRef, "n">): TargetRef[];
  /**
   * Ends a target as `canceled`, with an event; false when it is in flight. One that was handed over and not marked yet is
   * stopped as well: its mark is refused. So is one that is held; its trail says that its outcome is unknown.
   */
  stop(target: TargetRef, at: number): boolean;
}

export function createTargetStop({ connection, queue, targets, events }: WriterContext): TargetStop {
  const unsent = connection.prepare(STOP_SQL.unsent);
  const isUnmarked = connection.prepare(STOP_SQL.isUnmarked);

  function takeOut(carrierId: string, target: TargetRef): { readonly isHeld: boolean } | undefined {
    const waiting = queue.removeWaiting(carrierId, target);
    if (waiting !== undefined) return waiting;
    const row = [queue.carrierBytes(carrierId), target.message, target.n] as const;
    if (isUnmarked.get(...row) === undefined) return undefined;
    return queue.takeAnyLeased(carrierId, target) === undefined ? undefined : { isHeld: false };
  }

  return {
    unsent: (message) =>
      unsent.all(message.customer, message.message).map((row) => ({ ...message, n: integer(row[0]) })),
    stop(target, at) {
      const carrierId = targets.read(target)?.carrierId ?? null;
      const taken = carrierId === null ? undefined : takeOut(carrierId, target);
      if (taken === undefined) return false;
      const trail = trailColumn(canceledTrail(micros(at), taken.isHeld));
      targets.write(target, { status: "canceled", tmUpdate: at, trail });
      events.changed(target, "canceled", at);
      return true;
    },
  };
}
