/** How long a line of log stands for all that happens after it. */
const EVERY_MS = 10_000;

/**
 * Paces a line of log about what may happen hundreds of times a second: it is written at once, and then at most once in ten
 * seconds, with how often it happened since. What happened after the last line is told with the next, whenever that is.
 */
export class PacedLine {
  readonly #monotonicMs: () => number;
  #untold = 0;
  #nextAtMs = -Infinity;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** Takes in that it happened, so many times at once, and writes the line if it is due. */
  happened(write: (count: number) => void, times = 1): void {
    this.#untold += times;
    const now = this.#monotonicMs();
    if (now < this.#nextAtMs) return;
    this.#nextAtMs = now + EVERY_MS;
    const count = this.#untold;
    this.#untold = 0;
    write(count);
  }
}
