/** Attempts at a time to an endpoint of which nothing is known yet. */
const START_LIMIT = 16;
/** What is left to an endpoint that fails or is slow: enough to notice that it is back. */
export const LOWEST_LIMIT = 2;
export const HIGHEST_LIMIT = 64;
/** Claimed and not yet settled, at most. */
export const HIGHEST_HOLD = 2_048;

/** A pause after each failure of an endpoint in trouble, twice as long each time: one that refuses at once would be a busy loop. */
const FIRST_REST_MS = 100;
export const LONGEST_REST_MS = 5_000;

/** An answer that takes longer counts against the endpoint as a failure does. */
const SLOW_MS = 5_000;
/** Weight of the latest answer in the running mean. */
const LATEST = 0.1;
const START_LATENCY_MS = 250;

/**
 * How much one endpoint is given at a time: an attempt more for each success, half as many after each failure. So an endpoint
 * that hangs soon binds two connections and not sixty-four, while a healthy one gets what it can take.
 */
export class Pace {
  #limit = START_LIMIT;
  #latencyMs = START_LATENCY_MS;
  #restMs = 0;

  /** Attempts at a time. */
  get limit(): number {
    return this.#limit;
  }

  /** Deliveries to have in hand, in flight or next: as many as half a second needs, so that claims never hold up sending. */
  get hold(): number {
    const halfSecond = (this.#limit * 500) / this.#latencyMs;
    return Math.round(Math.min(HIGHEST_HOLD, Math.max(this.#limit, halfSecond)));
  }

  /** Failing or slow for so long that nothing more can be taken from it. */
  get isTroubled(): boolean {
    return this.#limit === LOWEST_LIMIT;
  }

  /** How long to leave the endpoint alone after what it answered last. */
  get restMs(): number {
    return this.#restMs;
  }

  answered(isSuccess: boolean, tookMs: number): void {
    this.#latencyMs = Math.max(1, this.#latencyMs + LATEST * (tookMs - this.#latencyMs));
    const wasTroubled = this.isTroubled;
    const isGood = isSuccess && tookMs <= SLOW_MS;
    this.#limit = isGood
      ? Math.min(HIGHEST_LIMIT, this.#limit + 1)
      : Math.max(LOWEST_LIMIT, this.#limit >> 1);
    if (isSuccess) this.#restMs = 0;
    else if (wasTroubled) this.#restMs = Math.min(LONGEST_REST_MS, Math.max(FIRST_REST_MS, 2 * this.#restMs));
  }
}
