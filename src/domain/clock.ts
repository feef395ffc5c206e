import { type Micros, micros, MICROS_PER_MS } from "./micros.ts";

/** Where a process takes its times from: every reading is greater than the one before it. */
export interface Clock {
  now(): Micros;
}

/**
 * Makes a clock that never repeats a reading and never steps back, whatever the wall clock does.
 * @param wallMs the wall clock in milliseconds, with a fraction (`performance.timeOrigin + performance.now()`).
 */
export function createClock(wallMs: () => number): Clock {
  let last = 0;
  return {
    now() {
      last = Math.max(Math.floor(wallMs() * MICROS_PER_MS), last + 1);
      return micros(last);
    },
  };
}
