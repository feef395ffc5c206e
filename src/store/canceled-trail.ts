import type { Micros } from "../domain/micros.ts";
import type { TrailEntry } from "../domain/trail.ts";

/** What the trail says of a target that is canceled: of one that was held nobody knows whether it was sent. */
export function canceledTrail(at: Micros, isHeld: boolean): readonly TrailEntry[] {
  const canceled: TrailEntry = { at, what: "canceled" };
  return isHeld ? [{ at, what: "unknown_outcome" }, canceled] : [canceled];
}
