import type { Logger } from "../domain/logger.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import type { TargetKey } from "../domain/message.ts";
import type { QueueStore, Settlement, SettlementResult } from "../store/queueing.ts";
import { BATCH_MAX } from "./dispatch-settings.ts";

/** One commit runs while the next batch waits inside the store, so that every group commit finds something. */
const COMMITS_UNDER_WAY = 2;
const RETRY_FIRST_MS = 100;
const RETRY_LONGEST_MS = 5_000;

interface Unsettled {
  readonly settlement: Settlement;
  readonly onCommitted: (result: SettlementResult) => void;
}

/**
 * Writes settlements in batches that form while a commit is under way, and never loses one while the process lives: what could
 * not be written waits and is tried again. What can wait is bounded by those who add: each settles what it was allowed to mark
 * or to hold, and gets no more before it is committed.
 *
 * A batch that the store refuses for another reason than being unavailable holds something that cannot be written; batches
 * are halved until it is alone, and then it stands back behind all others.
 */
export class Settling {
  readonly #store: Pick<QueueStore, "settleTargets">;
  readonly #logger: Logger;
  #waiting: Unsettled[] = [];
  /** Batches whose commit is under way. Made anew at each change: see docs/decisions/0016-what-is-on-its-way-stays-young.md. */
  #commits: readonly (readonly Unsettled[])[] = [];
  /** Settlements in those commits. */
  #underWay = 0;
  #isFlushScheduled = false;
  #batchMax = BATCH_MAX;
  #retryMs = RETRY_FIRST_MS;
  #retryTimer: NodeJS.Timeout | null = null;
  #isClosed = false;
  #idle: PromiseWithResolvers<void> | null = null;

  constructor(store: Pick<QueueStore, "settleTargets">, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** Settlements that are not committed yet. */
  get size(): number {
    return this.#waiting.length + this.#underWay;
  }

  /** Those targets, of all carriers. */
  *targets(): IterableIterator<TargetKey> {
    for (const batch of [this.#waiting, ...this.#commits])
      for (const { settlement } of batch) yield settlement;
  }

  /** Writes a settlement; `onCommitted` is called after its commit. */
  add(settlement: Settlement, onCommitted: (result: SettlementResult) => void): void {
    this.#waiting.push({ settlement, onCommitted });
    this.#schedule();
  }

  /** Resolves when everything that was added is committed. */
  async settled(): Promise<void> {
    if (this.size === 0) return;
    this.#idle ??= Promise.withResolvers<void>();
    await this.#idle.promise;
  }

  /** Tries no more: what is not committed is of unknown outcome to whoever comes next. */
  close(): void {
    this.#isClosed = true;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
  }

  /** Answers that arrive in one turn of the event loop go into one batch. */
  #schedule(): void {
    if (this.#isFlushScheduled || this.#isClosed || this.#retryTimer !== null) return;
    this.#isFlushScheduled = true;
    setImmediate(() => {
      this.#isFlushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#commits.length < COMMITS_UNDER_WAY && this.#waiting.length > 0 && this.#mayWrite()) {
      const batch = this.#waiting.slice(0, this.#batchMax);
      this.#waiting = this.#waiting.slice(batch.length);
      this.#commits = [...this.#commits, batch];
      this.#underWay += batch.length;
      void this.#commit(batch);
    }
  }

  #mayWrite(): boolean {
    return this.#retryTimer === null && !this.#isClosed;
  }

  async #commit(batch: readonly Unsettled[]): Promise<void> {
    const results = await this.#write(batch);
    this.#commits = this.#commits.filter((other) => other !== batch);
    this.#underWay -= batch.length;
    if (results.kind === "failed") this.#takeBack(batch, results.error);
    else {
      this.#retryMs = RETRY_FIRST_MS;
      this.#batchMax = Math.min(BATCH_MAX, this.#batchMax * 2);
      for (const [index, { onCommitted }] of batch.entries())
        onCommitted(results.results[index] ?? { kind: "stale" });
    }
    this.#flush();
    if (this.size > 0) return;
    this.#idle?.resolve();
    this.#idle = null;
  }

  async #write(
    batch: readonly Unsettled[],
  ): Promise<
    | { readonly kind: "committed"; readonly results: readonly SettlementResult[] }
    | { readonly kind: "failed"; readonly error: unknown }
  > {
    try {
      const results = await this.#store.settleTargets(batch.map(({ settlement }) => settlement));
      return { kind: "committed", results };
    } catch (error) {
      return { kind: "failed", error };
    }
  }

  #takeBack(batch: readonly Unsettled[], error: unknown): void {
    // a damaged page is met by some of them only, and the others need not wait for those
    const isUnavailable = error instanceof StoreUnavailable && error.reason !== "damaged";
    const fields = { settlements: batch.length, error: String(error) };
    if (isUnavailable)
      this.#logger.warn(fields, "outcomes cannot be written now; they are kept and tried again");
    else
      this.#logger.error(
        fields,
        "the store refused outcomes; they are kept and tried again in smaller batches",
      );
    if (!isUnavailable && batch.length === 1) this.#waiting = [...this.#waiting, ...batch];
    else this.#waiting = [...batch, ...this.#waiting];
    if (!isUnavailable) this.#batchMax = Math.max(1, Math.floor(batch.length / 2));
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#retryTimer !== null || this.#isClosed) return;
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null;
      this.#flush();
    }, this.#retryMs);
    this.#retryMs = Math.min(RETRY_LONGEST_MS, this.#retryMs * 2);
  }
}
