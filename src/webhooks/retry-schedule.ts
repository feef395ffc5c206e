import { type Micros, addMs, MICROS_PER_MS } from "../domain/micros.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long after each failed attempt the next one follows; after the one past the last, the delivery is given up. */
const DELAYS_MS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR] as const;

/** Attempts of one delivery in all. */
export const ATTEMPTS_MAX = DELAYS_MS.length + 1;

/** Spreads what failed together over a tenth before and after, so that it does not come back together. */
const JITTER = 0.1;

/** A receiver that asks for more waits no longer than this. */
export const RETRY_AFTER_MAX_MS = 24 * HOUR;

/**
 * When to try again after a failure; null when it is time to give up.
 * @param attempts made so far, the one that just failed included.
 * @param retryAfterMs what the receiver asked for: the next attempt comes no earlier.
 * @param random from 0 to below 1.
 */
export function retryAt(
  now: Micros,
  attempts: number,
  retryAfterMs: number | null,
  random: () => number,
): Micros | null {
  const delayMs = DELAYS_MS[attempts - 1];
  if (delayMs === undefined) return null;
  const jittered = delayMs * (1 - JITTER + 2 * JITTER * random());
  return addMs(now, Math.max(jittered, retryAfterMs ?? 0));
}

/** Reads `Retry-After` (RFC 9110 §10.2.3: seconds or a date) as milliseconds from now, bounded; null when it says nothing. */
export function parseRetryAfter(value: string | readonly string[] | undefined, now: Micros): number | null {
  if (typeof value !== "string") return null;
  const ms = /^\d+$/.test(value) ? Number(value) * SECOND : Date.parse(value) - now / MICROS_PER_MS;
  if (Number.isNaN(ms) || !/^\d+$|GMT$/.test(value)) return null; // Date.parse takes much more for a date than HTTP does
  return Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS);
}
