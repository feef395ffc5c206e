/** setTimeout takes no more; a longer wait is made of several. */
const MAX_DELAY_MS = 0x7fffffff;

/**
 * One timer for a deadline that moves all the time. Deadlines mostly move away, so the timer is left as it is then, fires early once
 * and waits for the rest: re-arming it with each PDU would cost more than the PDU.
 */
export class DeadlineTimer {
  readonly #monotonicMs: () => number;
  readonly #onDue: () => void;
  #deadlineMs = Infinity;
  #armedForMs = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;

  constructor(monotonicMs: () => number, onDue: () => void) {
    this.#monotonicMs = monotonicMs;
    this.#onDue = onDue;
  }

  /** Infinity for no deadline. */
  set(deadlineMs: number): void {
    this.#deadlineMs = deadlineMs;
    if (deadlineMs < this.#armedForMs) this.#arm();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#deadlineMs = Infinity;
    this.#armedForMs = Infinity;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#armedForMs = this.#deadlineMs;
    const delayMs = Math.ceil(this.#deadlineMs - this.#monotonicMs());
    this.#timer = setTimeout(() => this.#fire(), Math.min(Math.max(delayMs, 1), MAX_DELAY_MS));
  }

  #fire(): void {
    this.#armedForMs = Infinity;
    if (this.#deadlineMs === Infinity) return;
    if (this.#monotonicMs() < this.#deadlineMs) return this.#arm();
    this.#deadlineMs = Infinity;
    this.#onDue();
  }
}
