/** A difference above this is a wall clock that was set, or a machine that slept, and not the rounding of Date.now(). */
const TOLERANCE_MS = 50;

/**
 * The wall clock in milliseconds with a fraction: Date.now() has none, and performance.now() alone would not notice that the
 * machine slept or that its clock was set.
 */
export function createWallClock(wallMs: () => number, monotonicMs: () => number): () => number {
  let origin = wallMs() - monotonicMs();
  return () => {
    const elapsed = monotonicMs();
    const wall = wallMs();
    if (Math.abs(origin + elapsed - wall) > TOLERANCE_MS) origin = wall - elapsed;
    return origin + elapsed;
  };
}
