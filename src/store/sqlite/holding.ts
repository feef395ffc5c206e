import type { HoldStore } from "../holding.ts";
import { decodeDecided, encodeDecision } from "./decide-held.ts";
import { decodeHeldPage, encodeHeldQuery } from "./held-targets.ts";
import type { StoreThreads } from "./store-threads.ts";

/** Finding what is held and deciding about it, on the two threads. */
export function createHolding({ write, read }: StoreThreads): HoldStore {
  return {
    heldTargets: async (query) => decodeHeldPage(await read(encodeHeldQuery(query))),
    decideHeld: async (decision, targets, at) =>
      decodeDecided(await write(encodeDecision(decision, targets, at))),
  };
}
