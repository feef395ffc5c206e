import type { Clock } from "../../domain/clock.ts";
import { type Micros, MICROS_PER_MS } from "../../domain/micros.ts";

/** setTimeout takes no more; a longer wait is made of several. */
const LONGEST_WAIT_MS = 0x7fffffff;

/** Calls once the clock is at a time, at once when it is past it. Answers how to call it off; keeps no process alive. */
export function callAt(at: Micros, clock: Clock, call: () => void): () => void {
  let timer: NodeJS.Timeout | null = null;
  const wait = (): void => {
    const leftMs = Math.ceil((at - clock.now()) / MICROS_PER_MS);
    if (leftMs > 0) timer = setTimeout(wait, Math.min(leftMs, LONGEST_WAIT_MS)).unref();
    else call();
  };
  wait();
  return () => {
    if (timer !== null) clearTimeout(timer);
  };
}
