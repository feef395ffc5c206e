import type { Failure } from "../domain/failure.ts";
import type { CarrierId, NodeId } from "../domain/ids.ts";
import type { TargetKey } from "../domain/message.ts";
import type { Micros } from "../domain/micros.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { TrailEntry } from "../domain/trail.ts";
import type { Settlement } from "../store/queueing.ts";

type QueuedTarget = TargetKey & { readonly carrierId: CarrierId };

/** What every settlement says, of a target that was sent too. */
export function settlementOf(
  { customerId, messageId, n, carrierId }: QueuedTarget,
  at: Micros,
  node: NodeId,
  markedAt: Micros | null,
  trail: readonly TrailEntry[],
) {
  return { customerId, messageId, n, carrierId, node, markedAt, at, trail };
}

/** Gives a target back that was leased to this node, marked or not, and never written. */
export function releaseTarget(
  target: QueuedTarget,
  at: Micros,
  node: NodeId,
  markedAt: Micros | null = null,
): Settlement {
  return { ...settlementOf(target, at, node, markedAt, []), outcome: "released" };
}

/**
 * Ends a target whose validity is over.
 * @param flight what there is of it once it is marked
 */
export function expireTarget(
  target: OutboundTarget,
  at: Micros,
  node: NodeId,
  flight: { readonly markedAt: Micros | null; readonly trail: readonly TrailEntry[] } = UNMARKED,
): Settlement {
  const trail = [...flight.trail, { at, what: "expired", carrier: target.carrierId }];
  const settlement = settlementOf(target, at, node, flight.markedAt, trail);
  return { ...settlement, outcome: "failed", status: "gw_timeout", failure: EXPIRED };
}

const UNMARKED = { markedAt: null, trail: [] } as const;

const EXPIRED: Failure = {
  code: "expired",
  carrierCode: "",
  message: "no carrier took the message while it was valid",
};
