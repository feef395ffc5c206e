import { formatMicros } from "../domain/micros.ts";
import type { TrailEntry } from "../domain/trail.ts";
import type { HeldTarget } from "../store/holding.ts";

interface Names {
  readonly carrier: string;
  /** What a carrier that is gone was called, if it is known. */
  readonly removedCarrier?: string | undefined;
  readonly customer: string;
}

/** A held target as whoever decides about it reads it. */
export function viewHeld(
  target: HeldTarget,
  { carrier, removedCarrier, customer }: Names,
): Record<string, unknown> {
  const { messageId, n, customerId, carrierId, destination, attempts, heldAt, expiresAt, trail } = target;
  return {
    message_id: messageId,
    target: n,
    customer_id: customerId,
    customer,
    carrier_id: carrierId,
    carrier,
    ...(removedCarrier !== undefined && { removed_carrier: removedCarrier }),
    destination,
    reason: reasonOf(trail),
    attempts,
    tm_held: formatMicros(heldAt),
    tm_expire: formatMicros(expiresAt),
  };
}

const REASONS: ReadonlySet<string> = new Set(["in_flight_at_crash", "unknown_outcome"]);

/** The last that its trail says of it; a long one may have left it out. */
function reasonOf(trail: readonly TrailEntry[]): string {
  return trail.findLast(({ what }) => REASONS.has(what))?.what ?? "unknown_outcome";
}
