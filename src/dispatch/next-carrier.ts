import type { Failure } from "../domain/failure.ts";
import type { CarrierId, NodeId } from "../domain/ids.ts";
import type { Micros } from "../domain/micros.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { TrailEntry } from "../domain/trail.ts";
import type { Settlement } from "../store/queueing.ts";
import { expireTarget, settlementOf } from "./unsent-target.ts";

/** What it takes to hand a target on to another carrier. */
export interface PassingRules {
  readonly node: NodeId;
  /** Parts of the target at another carrier; null when that carrier cannot take it or is gone. */
  readonly countParts: (target: OutboundTarget, carrierId: CarrierId) => number | null;
}

/** Where a target goes next, as its settlement says it. */
interface NextCarrier {
  readonly nextCarrierId: CarrierId;
  readonly fallbacks: readonly CarrierId[];
  readonly parts: number;
}

/**
 * The first of a target's other carriers that is up and can take it; null when there is none. Those before it that are down stay
 * in line, those that cannot take it do not.
 */
export function nextCarrier(
  target: OutboundTarget,
  { countParts }: Pick<PassingRules, "countParts">,
  isUp: (carrierId: CarrierId) => boolean = () => true,
): NextCarrier | null {
  const down: CarrierId[] = [];
  for (const [index, nextCarrierId] of target.fallbacks.entries()) {
    if (!isUp(nextCarrierId)) {
      down.push(nextCarrierId);
      continue;
    }
    const parts = countParts(target, nextCarrierId);
    if (parts !== null)
      return { nextCarrierId, fallbacks: [...down, ...target.fallbacks.slice(index + 1)], parts };
  }
  return null;
}

/**
 * Hands a target, claimed and never marked, to the first of its other carriers that can take it, where it keeps its place by
 * age; null when there is none. One that is only down, the carrier that it leaves or one that it passes over, may have it later.
 * @param why what the trail says of the carrier that it leaves
 * @param isUp whether a carrier comes into question now
 */
export function passOn(
  target: OutboundTarget,
  why: "carrier_removed" | "carrier_down",
  at: Micros,
  rules: PassingRules,
  isUp?: (carrierId: CarrierId) => boolean,
): Settlement | null {
  const next = nextCarrier(target, rules, isUp);
  if (next === null) return null;
  const { carrierId, dueAt } = target;
  const fallbacks = why === "carrier_down" ? [...next.fallbacks, carrierId] : next.fallbacks;
  const left: TrailEntry = { at, what: why, carrier: carrierId };
  const settlement = settlementOf(target, at, rules.node, null, [left, rerouted(next, at)]);
  return { ...settlement, outcome: "rerouted", ...next, fallbacks, dueAt };
}

export function rerouted({ nextCarrierId }: NextCarrier, at: Micros): TrailEntry {
  return { at, what: "rerouted", carrier: nextCarrierId };
}

/** Takes a target, claimed and never marked, away from a carrier that was removed. */
export function leaveRemovedCarrier(target: OutboundTarget, at: Micros, rules: PassingRules): Settlement {
  if (target.expiresAt <= at) return expireTarget(target, at, rules.node);
  return passOn(target, "carrier_removed", at, rules) ?? failWithoutCarrier(target, at, rules);
}

function failWithoutCarrier(target: OutboundTarget, at: Micros, { node }: PassingRules): Settlement {
  const left: TrailEntry = { at, what: "carrier_removed", carrier: target.carrierId };
  const settlement = settlementOf(target, at, node, null, [left]);
  return { ...settlement, outcome: "failed", status: "failed", failure: CARRIER_REMOVED };
}

const CARRIER_REMOVED: Failure = {
  code: "no_route",
  carrierCode: "",
  message: "its carrier was removed, and no other may take the message",
};
