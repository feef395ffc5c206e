import type { Clock } from "../domain/clock.ts";
import type { Logger } from "../domain/logger.ts";
import type { Metrics } from "../domain/metrics.ts";
import type { ExpiryResult, ReceiptStore } from "../store/receiving-receipts.ts";

export interface ExpirySweepDependencies {
  readonly store: Pick<ReceiptStore, "expire">;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

const SWEEP_EVERY_MS = 5_000;
/** Rows of each kind in one commit: 10 ms of it, so that nobody who waits for the next one notices. */
const ROWS_PER_CALL = 500;
/** A sweep that has more to do lets others at the store for a moment, then goes on. */
const CALLS_PER_SWEEP = 20;
const GO_ON_AFTER_MS = 50;

/** Ends what has run out of time, every few seconds: one call after another, never two at once. */
export class ExpirySweep {
  readonly #deps: ExpirySweepDependencies;
  #timer: NodeJS.Timeout | null = null;
  #sweeping: Promise<void> = Promise.resolve();
  #isStarted = false;
  #isFailing = false;

  constructor(dependencies: ExpirySweepDependencies) {
    this.#deps = dependencies;
  }

  start(): void {
    this.#isStarted = true;
    this.#sweepAfter(0);
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#sweeping;
  }

  #sweepAfter(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#sweeping = this.#sweep();
    }, ms);
  }

  async #sweep(): Promise<void> {
    const { logger } = this.#deps;
    let hasMore = false;
    try {
      hasMore = await this.#expire();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing)
        logger.warn({ error: String(error) }, "what ran out of time cannot be ended; trying on");
      this.#isFailing = true;
    }
    if (this.#isStarted) this.#sweepAfter(hasMore ? GO_ON_AFTER_MS : SWEEP_EVERY_MS);
  }

  /** Whether there is still more to end. */
  async #expire(): Promise<boolean> {
    const { store, clock } = this.#deps;
    for (let call = 0; call < CALLS_PER_SWEEP && this.#isStarted; call++) {
      const result = await store.expire({ now: clock.now(), limit: ROWS_PER_CALL });
      this.#tell(result);
      if (!result.more) return false;
    }
    return true;
  }

  #tell({ gwTimeouts, dlrTimeouts, unmatchedReceipts, idempotencyKeys }: ExpiryResult): void {
    const { metrics, logger } = this.#deps;
    const kinds = {
      gw_timeout: gwTimeouts,
      dlr_timeout: dlrTimeouts,
      unmatched_receipt: unmatchedReceipts,
      idempotency_key: idempotencyKeys,
    };
    for (const [kind, count] of Object.entries(kinds))
      if (count > 0) metrics.count("msgbin_expired_total", { kind }, count);
    if (unmatchedReceipts > 0)
      logger.warn(
        { receipts: unmatchedReceipts },
        "delivery reports came for messages that were never sent from here",
      );
  }
}
