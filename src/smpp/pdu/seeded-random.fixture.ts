/** A small generator of numbers (xorshift32) that repeats exactly from its seed: for tests that mutate. */
export interface SeededRandom {
  readonly seed: number;
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
}

/** Makes a generator; without a seed it takes one from the clock, which the test then prints. */
export function seededRandom(seed = Date.now() % 0x7fffffff || 1): SeededRandom {
  let state = seed | 0 || 1;
  return {
    seed,
    below(below) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % below;
    },
  };
}

/** Changes 1 to 8 places of `bytes`: flips, overwrites, cuts, doubles or inserts. */
export function mutate(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  let mutated = Uint8Array.from(bytes);
  for (let count = 1 + random.below(8); count > 0; count--) mutated = mutateOnce(mutated, random);
  return mutated;
}

function mutateOnce(bytes: Uint8Array<ArrayBuffer>, random: SeededRandom): Uint8Array<ArrayBuffer> {
  const at = random.below(bytes.length + 1);
  const span = 1 + random.below(6);
  switch (random.below(6)) {
    case 0:
      return bytes.map((byte, index) => (index === at ? byte ^ (1 << random.below(8)) : byte));
    case 1:
      return bytes.map((byte, index) => (index === at ? random.below(256) : byte));
    case 2:
      return bytes.map((byte, index) => (index >= at && index < at + span ? 0xff : byte));
    case 3:
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + span)]);
    case 4:
      return Uint8Array.from([
        ...bytes.subarray(0, at),
        ...bytes.subarray(at, at + span),
        ...bytes.subarray(at),
      ]);
    default:
      return Uint8Array.from([...bytes.subarray(0, at), random.below(256), ...bytes.subarray(at)]);
  }
}
