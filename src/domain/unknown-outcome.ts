import type { CarrierId } from "./ids.ts";
import type { Micros } from "./micros.ts";
import type { TrailEntry } from "./trail.ts";

/** What happens to a target that was written and never answered for (lost connection, crash): the operator's choice per carrier. */
export type UnknownOutcomePolicy = "resend" | "hold";

/** After so many attempts at one carrier a target of unknown outcome is held, whatever the policy: each may have reached the handset. */
export const UNKNOWN_ATTEMPTS_MAX = 5;

/** A target of which nobody knows whether the carrier took it. */
interface Unanswered {
  readonly carrier: CarrierId;
  readonly at: Micros;
  /** How often it was in flight at this carrier, this time included. */
  readonly attempts: number;
}

/** What the trail says of a target that is to be held; null for one that is to be sent again. */
export function holdOf(
  policy: UnknownOutcomePolicy,
  { carrier, at, attempts }: Unanswered,
): TrailEntry | null {
  const held = { at, what: "held", carrier };
  if (policy === "hold") return held;
  if (attempts < UNKNOWN_ATTEMPTS_MAX) return null;
  return { ...held, words: `not sent again by itself after ${attempts} attempts` };
}
