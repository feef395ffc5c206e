const FIRST_MS = 1_000;
const LONGEST_MS = 15 * 60_000;
const DOUBLINGS_MAX = 20;

/**
 * How long to wait before the next attempt: doubles with each attempt made before, up to 15 minutes, and is spread from half
 * to one and a half of that, so that what failed together does not come back together.
 * @param random from 0 to below 1.
 */
export function backOffMs(attempts: number, random: number): number {
  const steadyMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts, DOUBLINGS_MAX));
  return Math.round(steadyMs * (0.5 + random));
}
