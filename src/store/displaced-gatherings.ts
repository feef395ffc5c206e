import { StoreUnavailable } from "../domain/store-unavailable.ts";

/** A part's reference is below this (TS 23.040 §9.2.3.24.8: two octets at most). */
export const REFERENCES = 0x1_0000;

/** Gatherings that may be known beside the newest one under a reference; beyond it a part is refused (P8). */
export const DISPLACED_LIMIT = 255;

/**
 * The reference under which a gathering goes on waiting when its own comes again with other words: references are few, some
 * handsets know but one, and a part that was lost leaves its message waiting. No part carries such a reference, so that
 * nothing is added to what is displaced; it is given out in its time, with its gaps.
 * @param used those of the gatherings that had to make way before
 */
export function displacedReference(reference: number, used: readonly number[]): number {
  for (let turn = 1; turn <= DISPLACED_LIMIT; turn++) {
    const displaced = reference + turn * REFERENCES;
    if (!used.includes(displaced)) return displaced;
  }
  throw new StoreUnavailable("busy", `more than ${DISPLACED_LIMIT} messages wait under one reference`);
}
