/** How long an operation waits for others that share its commit: while they keep coming, but not longer than `mostMs`. */
export interface Patience {
  /** Nothing more came for so long. */
  readonly quietMs: number;
  readonly mostMs: number;
}

/** The wait of those with patience, as long as the least patient of them has it. */
export class Lingering {
  readonly #onOver: () => void;
  #timer: NodeJS.Timeout | null = null;
  #endsAt = 0;
  #quietEndsAt = 0;
  #mostEndsAt = Number.POSITIVE_INFINITY;

  /** @param onOver called when the wait is over, unless it was stopped */
  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  /** Takes in one more. It prolongs the wait of the others, or shortens it when it has less patience than they have. */
  join({ quietMs, mostMs }: Patience): void {
    const now = performance.now();
    this.#quietEndsAt = now + quietMs;
    this.#mostEndsAt = Math.min(this.#mostEndsAt, now + mostMs);
    // A wait that is prolonged keeps its timer, which finds out: one is set anew a few times a second, not for each operation.
    if (this.#timer === null || this.#wantedEnd < this.#endsAt) this.#set(now);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#mostEndsAt = Number.POSITIVE_INFINITY;
  }

  get #wantedEnd(): number {
    return Math.min(this.#quietEndsAt, this.#mostEndsAt);
  }

  #set(now: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#endsAt = this.#wantedEnd;
    this.#timer = setTimeout(() => this.#fire(), Math.max(1, this.#endsAt - now));
  }

  #fire(): void {
    const now = performance.now();
    if (this.#wantedEnd - now >= 1) return this.#set(now);
    this.stop();
    this.#onOver();
  }
}
