/** Repeatable randomness: the same seed gives the same run. */
export interface Randomness {
  readonly seed: number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** @param wanted a seed as text, or undefined for one from the clock. */
export function randomFrom(wanted: string | undefined): Randomness {
  const seed = wanted === undefined ? Date.now() % 1_000_000 : Number(wanted);
  let state = (seed >>> 0) + 1;
  return {
    seed,
    // Marsaglia's xorshift on 32 bits: enough to place crashes.
    random() {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) / 2 ** 32;
    },
  };
}
