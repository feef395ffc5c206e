import { type EndpointId, type NodeId, timeOfId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { Metrics } from "../domain/metrics.ts";
import { addMs, type Micros, MICROS_PER_SECOND } from "../domain/micros.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import type { AnnouncementStore, Delivery } from "../store/announcing.ts";
import type { After } from "./after.ts";
import { type AttemptDeps, type Attempted, beginAttempt, endAttempt } from "./attempt.ts";
import type { EndpointBook } from "./endpoint-book.ts";
import type { Pace } from "./pace.ts";
import type { Receiver } from "./receiver.ts";
import type { Settler } from "./settler.ts";

/** Beyond the time of one attempt, how long a claim lasts: it covers the wait for a turn and the write of the result. */
const LEASE_SLACK_MS = 5_000;
/** An attempt begins only while so much of the slack is left. */
const SETTLE_MARGIN_MS = 2_000;
/** For so long after a claim, what is made for the endpoint may be leased from the start. */
const RESERVED_MS = 5_000;
/** A receiver that says when to come back is left alone as a whole, for so long at most. */
const REST_MAX_MS = 10_000;
const STORE_REST_MS = 1_000;
/** A claim that weighs so much may have ended early for its size. */
const HEAVY_CLAIM = 1_000;
/** Nothing more is claimed while what waits here weighs so much: one claim more at most is held beyond it. */
const READY_WEIGHT = 5_000;
const CHARACTERS_PER_TARGET = 500;

/** What all workers share. */
export interface WorkerDeps extends AttemptDeps {
  readonly store: Pick<AnnouncementStore, "claimDeliveries">;
  readonly book: EndpointBook;
  readonly settler: Settler;
  readonly after: After;
  readonly node: NodeId;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Whoever keeps the workers. */
export interface WorkerKeeper {
  /** How many attempts at a time one endpoint may have at present. */
  share(): number;
  /** The worker holds nothing any more and is of no more use. */
  onDone(worker: EndpointWorker): void;
}

interface Held {
  readonly delivery: Delivery;
  readonly weight: number;
  /** Later than this it is not begun, for its lease might end under it. */
  readonly beginBy: Micros;
}

/**
 * Delivers what is due to one endpoint, until nothing is. As to claiming it is one of
 *
 *     wanted     there may be deliveries due that it does not hold
 *     satisfied  nothing more is due, as far as is known
 *     resting    the endpoint is to be left alone, or the store is unavailable: it neither claims nor attempts
 *     leaving    it is to end: it finishes what it holds
 *
 *     wanted             → satisfied  when a claim brought all there was, and no wake came meanwhile
 *     satisfied          → wanted     by a wake
 *     wanted, satisfied  → resting    and → wanted when the time is over
 *     any                → leaving    by `leave`
 *
 * It is done when it holds nothing and is satisfied or leaving.
 */
export class EndpointWorker {
  readonly id: EndpointId;
  readonly since: Micros;
  readonly pace: Pace;
  readonly #deps: WorkerDeps;
  readonly #keeper: WorkerKeeper;
  #state: "wanted" | "satisfied" | "resting" | "leaving" = "wanted";
  #isClaiming = false;
  #isWoken = false;
  #isDone = false;
  #leavesBehind = false;
  /** So many are claimed at most: twice what fitted into a claim that ended early, for what does not fit is given back. */
  #fitting = Number.POSITIVE_INFINITY;
  #ready: Held[] = [];
  #readyWeight = 0;
  #sending = 0;
  #unsettled = 0;
  #cancelRest: (() => void) | null = null;

  constructor(id: EndpointId, pace: Pace, deps: WorkerDeps, keeper: WorkerKeeper) {
    this.id = id;
    this.since = deps.clock.now();
    this.pace = pace;
    this.#deps = deps;
    this.#keeper = keeper;
  }

  get isLeaving(): boolean {
    return this.#state === "leaving";
  }

  /** Whether it leaves, and something may be due that it does not hold. */
  get leavesBehind(): boolean {
    return this.#leavesBehind;
  }

  /** Something may be due; also what sets a new worker going. */
  wake(): void {
    this.#isWoken = true;
    if (this.#state === "leaving") this.#leavesBehind = true;
    if (this.#state === "satisfied") this.#state = "wanted";
    this.#goOn();
  }

  /** Ends it once what it holds is done. */
  leave(): void {
    this.#cancelRest?.();
    if (this.#state !== "leaving") this.#leavesBehind = this.#state !== "satisfied";
    this.#state = "leaving";
    this.#goOn();
  }

  get #held(): number {
    return this.#ready.length + this.#sending + this.#unsettled;
  }

  #goOn(): void {
    if (this.#isDone) return;
    if (this.#state !== "resting") this.#sendReady();
    const hasRoom = this.#held <= this.pace.hold / 2 && this.#readyWeight < READY_WEIGHT;
    if (this.#state === "wanted" && hasRoom && !this.#isClaiming) void this.#claim();
    const isEnding = this.#state === "satisfied" || this.#state === "leaving";
    if (!isEnding || this.#isClaiming || this.#held > 0) return;
    this.#isDone = true;
    this.#keeper.onDone(this);
  }

  #rest(ms: number): void {
    if (this.#state === "leaving" || this.#state === "resting") return;
    this.#state = "resting";
    this.#cancelRest = this.#deps.after(ms, () => {
      this.#state = "wanted";
      this.#goOn();
    });
  }

  async #claim(): Promise<void> {
    const { store, clock, node, timeoutMs } = this.#deps;
    this.#isClaiming = true;
    this.#isWoken = false;
    const now = clock.now();
    const limit = Math.min(this.pace.hold - this.#held, this.#fitting);
    const leaseUntil = addMs(now, timeoutMs + LEASE_SLACK_MS);
    const beginBy = addMs(now, LEASE_SLACK_MS - SETTLE_MARGIN_MS);
    try {
      const deliveries = await store.claimDeliveries({
        endpointId: this.id,
        node,
        now,
        leaseUntil,
        limit,
        reserveUntil: addMs(now, RESERVED_MS),
      });
      let claimed = 0;
      for (const delivery of deliveries) {
        const weight = weightOf(delivery);
        claimed += weight;
        this.#ready.push({ delivery, weight, beginBy });
      }
      this.#readyWeight += claimed;
      const mayHaveEndedEarly = claimed >= HEAVY_CLAIM;
      this.#fitting = 2 * (mayHaveEndedEarly ? deliveries.length : this.#fitting);
      const mayBeMore = this.#isWoken || deliveries.length >= limit || mayHaveEndedEarly;
      if (this.#state === "wanted" && !mayBeMore) this.#state = "satisfied";
    } catch (error) {
      this.#restFor(error, "webhooks could not be claimed");
    }
    this.#isClaiming = false;
    this.#goOn();
  }

  /** The store is unavailable for now, or something is broken: either way, not at once again. */
  #restFor(error: unknown, message: string): void {
    const isUnavailable = error instanceof StoreUnavailable;
    if (!isUnavailable) this.#deps.logger.error({ endpoint: this.id, error: String(error) }, message);
    this.#rest(STORE_REST_MS);
  }

  #sendReady(): void {
    const limit = Math.min(this.pace.limit, this.#keeper.share());
    while (this.#sending < limit) {
      const next = this.#ready.shift();
      if (next === undefined) return;
      this.#readyWeight -= next.weight;
      if (next.beginBy < this.#deps.clock.now()) continue; // its lease brings it back
      this.#sending += 1;
      void this.#send(next.delivery);
    }
  }

  async #send(delivery: Delivery): Promise<void> {
    try {
      const receiver = this.#deps.book.fresh(this.id) ?? (await this.#deps.book.load(this.id));
      if (receiver !== null) {
        const begun = beginAttempt(delivery, receiver, this.#deps);
        const attempted =
          begun.kind === "calling"
            ? endAttempt(delivery, receiver, begun, await begun.outcome, this.#deps)
            : begun;
        this.#conclude(delivery, receiver, attempted);
      }
    } catch (error) {
      this.#restFor(error, "a webhook could not be attempted");
    }
    this.#sending -= 1;
    this.#goOn();
  }

  #conclude(delivery: Delivery, receiver: Receiver, attempted: Attempted): void {
    if (attempted.kind === "abandoned") return;
    const { settler, book } = this.#deps;
    this.#unsettled += 1;
    settler.settle(attempted.settlement, () => {
      this.#unsettled -= 1;
      this.#goOn();
    });
    this.#measure(delivery, attempted);
    if (attempted.kind === "dropped") return;
    const { tookMs, isSuccess, restMs } = attempted;
    this.pace.answered(isSuccess, tookMs);
    const health = book.note(receiver, attempted);
    if (health !== null) {
      settler.note(health);
      this.#tell(receiver, attempted);
    }
    const pauseMs = Math.max(Math.min(restMs ?? 0, REST_MAX_MS), this.pace.restMs);
    if (pauseMs > 0) this.#rest(pauseMs);
  }

  /** Logs what is news of the endpoint: that a run of failures began or ended, not each attempt of it. */
  #tell(
    receiver: Receiver,
    { isSuccess, disabledReason, settlement: { attempt } }: Attempted & { readonly kind: "called" },
  ): void {
    const { book, logger } = this.#deps;
    const who = { endpoint: this.id, customer: receiver.endpoint.customerId };
    if (disabledReason !== null) {
      logger.warn({ ...who, reason: disabledReason }, "webhook endpoint switched off");
    } else if (!isSuccess) {
      logger.warn({ ...who, status: attempt.statusCode, error: attempt.error }, "webhook endpoint fails");
    } else if (book.endsRun(receiver)) {
      logger.info(who, "webhook endpoint works again");
    }
  }

  #measure({ eventId }: Delivery, attempted: Exclude<Attempted, { kind: "abandoned" }>): void {
    const { metrics } = this.#deps;
    metrics.count("msgbin_webhook_attempts_total", { outcome: attempted.settlement.outcome });
    if (attempted.kind === "dropped") return;
    const { at, tookMs, isSuccess, disabledReason } = attempted;
    metrics.observe("msgbin_webhook_attempt_seconds", tookMs / 1_000);
    if (isSuccess) {
      metrics.observe(
        "msgbin_webhook_lag_seconds",
        (at - timeOfId(eventId)) / MICROS_PER_SECOND + tookMs / 1_000,
      );
    }
    if (disabledReason !== null) metrics.count("msgbin_webhook_endpoints_disabled_total");
  }
}

/** In targets: a claim ends early when its messages or kept bodies are large. */
function weightOf({ body, message }: Delivery): number {
  return (message?.targets.length ?? 0) + Math.ceil((body?.length ?? 0) / CHARACTERS_PER_TARGET);
}
