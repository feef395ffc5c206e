import type { Clock } from "../domain/clock.ts";
import type { NodeId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { Metrics } from "../domain/metrics.ts";
import { addMs, MICROS_PER_SECOND } from "../domain/micros.ts";
import type { RetentionDefault } from "../domain/retention.ts";
import type { RetentionStep, RetentionStore } from "../store/retaining.ts";

export interface RetentionSweepDependencies {
  readonly store: RetentionStore;
  readonly fallback: RetentionDefault;
  readonly node: NodeId;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly rhythm?: RetentionRhythm;
}

/** When to begin, and how long to pause. */
export interface RetentionRhythm {
  readonly firstAfterMs: number;
  readonly everyMs: number;
  readonly pauseAtLeastMs: number;
}

const RHYTHM: RetentionRhythm = { firstAfterMs: 10_000, everyMs: 600_000, pauseAtLeastMs: 20 };

/** Messages of one step: a few commits of some milliseconds each. */
const MESSAGES_PER_STEP = 200;

/** After each step the store is left alone for twice as long as it took: where it is busy, a sweep takes its time. */
const PAUSE_TIMES = 2;

/** How much longer than until its next sweep a node keeps the others from sweeping. */
const LEASE_SLACK_MS = 60_000;

/**
 * Takes away what customers do not keep any longer: every ten minutes one sweep through all of them, step by step. Of several
 * nodes one sweeps; when it is gone, another begins after its lease.
 */
export class RetentionSweep {
  readonly #deps: RetentionSweepDependencies;
  readonly #rhythm: RetentionRhythm;
  #timer: NodeJS.Timeout | null = null;
  #stepping: Promise<void> = Promise.resolve();
  #isStarted = false;
  #isFailing = false;
  #from: string | null = null;
  #done = { messages: 0, contents: 0, heldBack: 0, months: "" };

  constructor(dependencies: RetentionSweepDependencies) {
    this.#deps = dependencies;
    this.#rhythm = dependencies.rhythm ?? RHYTHM;
  }

  start(): void {
    this.#isStarted = true;
    this.#stepAfter(this.#rhythm.firstAfterMs);
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#stepping;
  }

  #stepAfter(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#stepping = this.#step();
    }, ms);
  }

  async #step(): Promise<void> {
    const begun = this.#deps.monotonicMs();
    let isMore = false;
    try {
      isMore = await this.#sweep();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing)
        this.#deps.logger.warn({ error: String(error) }, "old messages cannot be taken away; trying on");
      this.#isFailing = true;
      this.#from = null;
    }
    if (!this.#isStarted) return;
    const tookMs = this.#deps.monotonicMs() - begun;
    const pauseMs = Math.max(this.#rhythm.pauseAtLeastMs, PAUSE_TIMES * tookMs);
    this.#stepAfter(isMore ? pauseMs : this.#rhythm.everyMs);
  }

  /** One step; whether more of this sweep is left. */
  async #sweep(): Promise<boolean> {
    const { store, fallback, node, clock } = this.#deps;
    const now = clock.now();
    const leaseUntil = addMs(now, this.#rhythm.everyMs + LEASE_SLACK_MS);
    const from = this.#from;
    const outcome = await store.sweepRetention({
      node,
      now,
      leaseUntil,
      fallback,
      from,
      limit: MESSAGES_PER_STEP,
    });
    this.#from = outcome.kind === "swept" ? outcome.next : null;
    if (outcome.kind === "elsewhere") return false;
    this.#take(outcome);
    if (this.#from !== null) return true;
    this.#tell();
    return false;
  }

  #take({ removed, emptied, heldBack, dropped }: RetentionStep): void {
    const { metrics } = this.#deps;
    for (const [what, count] of [["message", removed] as const, ["content", emptied] as const])
      if (count > 0) metrics.count("msgbin_retention_removed_total", { what }, count);
    if (dropped.length > 0)
      metrics.count("msgbin_retention_removed_total", { what: "month" }, dropped.length);
    this.#done.messages += removed;
    this.#done.contents += emptied;
    this.#done.heldBack += heldBack;
    this.#done.months = [this.#done.months, ...dropped].filter((name) => name !== "").join(" ");
  }

  /** At the end of a sweep. */
  #tell(): void {
    const { metrics, logger, clock } = this.#deps;
    const { messages, contents, heldBack, months } = this.#done;
    metrics.gauge("msgbin_retention_held_back", heldBack);
    metrics.gauge("msgbin_retention_swept_timestamp_seconds", clock.now() / MICROS_PER_SECOND);
    if (messages + contents > 0 || months !== "")
      logger.info({ messages, contents, months, held_back: heldBack }, "old messages were taken away");
    this.#done = { messages: 0, contents: 0, heldBack: 0, months: "" };
  }
}
