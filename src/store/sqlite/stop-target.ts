import { micros } from "../../domain/micros.ts";
import { STATUS_CODES } from "./column-codes.ts";
import { integer } from "./connection.ts";
import { type TargetRef, trailColumn } from "./target-rows.ts";
import type { WriterContext } from "./writer-context.ts";

export const STOP_SQL = {
  /** Targets that were not sent yet, as far as their status says. */
  unsent: `
    SELECT n FROM targets WHERE customer_id = ? AND message_id = ?
      AND status IN (${STATUS_CODES.scheduled}, ${STATUS_CODES.queued}) ORDER BY n`,
  waits: "SELECT 1 FROM queue WHERE carrier_id = ? AND message_id = ? AND n = ? AND held = 0",
  isUnmarked: "SELECT 1 FROM leased WHERE carrier_id = ? AND message_id = ? AND n = ? AND marked_at IS NULL",
} as const;

/** Stops targets before they are sent. */
export interface TargetStop {
  /** Which targets of a message may still be stopped. */
  unsent(message: Omit<TargetRef, "n">): TargetRef[];
  /**
   * Ends a target as `canceled`, with an event; false when it is in flight or of unknown outcome. One that was handed over
   * and not marked yet is stopped as well: its mark is refused.
   */
  stop(target: TargetRef, at: number): boolean;
}

export function createTargetStop({ connection, queue, targets, events }: WriterContext): TargetStop {
  const unsent = connection.prepare(STOP_SQL.unsent);
  const waits = connection.prepare(STOP_SQL.waits);
  const isUnmarked = connection.prepare(STOP_SQL.isUnmarked);

  function takeOut(carrierId: string, target: TargetRef): boolean {
    const row = [queue.carrierBytes(carrierId), target.message, target.n] as const;
    if (waits.get(...row) !== undefined) return queue.removeWaiting(carrierId, target);
    return isUnmarked.get(...row) !== undefined && queue.takeAnyLeased(carrierId, target) !== undefined;
  }

  return {
    unsent: (message) =>
      unsent.all(message.customer, message.message).map((row) => ({ ...message, n: integer(row[0]) })),
    stop(target, at) {
      const carrierId = targets.read(target)?.carrierId ?? null;
      if (carrierId === null || !takeOut(carrierId, target)) return false;
      const trail = trailColumn([{ at: micros(at), what: "canceled" }]);
      targets.write(target, { status: "canceled", tmUpdate: at, trail });
      events.changed(target, "canceled", at);
      return true;
    },
  };
}
