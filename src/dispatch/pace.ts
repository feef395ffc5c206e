/** Tokens are sums of fractions: nine tenths and a tenth must be one. */
const ROUNDING = 1e-9;
const BURST_SECONDS = 0.05;
const THROTTLE_PAUSE_MS = 250;
const THROTTLE_PAUSE_MAX_MS = 5_000;
/** A throttle so long after the one before it is a new story. */
const CALM_MS = 10_000;
/** What a slowed pace gains in a second. */
const RECOVERY_PER_SECOND = 0.1;
/** Without a limit to return to, a slowed pace is given up after so long. */
const FORGIVEN_AFTER_MS = 60_000;

/**
 * How many parts may leave now: a token bucket that holds 50 ms of the limit, so that no second sees more than 105 % of it.
 * A message of several parts may leave as soon as one part may and is paid for afterwards: it is never cut in two by the
 * pace. When the carrier throttles, everything pauses, then goes on at half of what was sent before and gains 10 % a second.
 * Times are milliseconds of a monotonic clock.
 */
export class Pace {
  readonly #perSecond: number | null;
  #share = 1;
  #slowed: number | null = null;
  #tokens = 0;
  #filledAtMs: number;
  #pausedUntilMs = -Infinity;
  #throttledAtMs = -Infinity;
  #throttles = 0;
  #bucketAtMs: number;
  #inBucket = 0;
  #inBucketBefore = 0;

  /** @param perSecond parts a second over all nodes; null without a limit. */
  constructor(perSecond: number | null, nowMs: number) {
    this.#perSecond = perSecond;
    this.#filledAtMs = nowMs;
    this.#bucketAtMs = nowMs;
    this.#tokens = this.#burst();
  }

  /** This node's part of the limit, from 0 to 1: the limit holds over all nodes together. */
  set share(share: number) {
    this.#share = share;
  }

  /** Whether the carrier has a limit, asked for less just now or not. */
  get isLimited(): boolean {
    return this.#perSecond !== null;
  }

  /** Whether the carrier has asked for less. */
  get isSlowed(): boolean {
    return this.#slowed !== null;
  }

  /** Parts that may leave now; 0 while paused. */
  allowance(nowMs: number): number {
    return this.allowanceWithin(nowMs, 0);
  }

  /** Parts that may leave from now until `aheadMs` later. */
  allowanceWithin(nowMs: number, aheadMs: number): number {
    this.#fill(nowMs);
    const rate = this.#rate();
    const fromMs = Math.max(nowMs, this.#pausedUntilMs);
    if (fromMs > nowMs + aheadMs) return 0;
    if (rate === Infinity) return Infinity;
    return Math.max(0, Math.floor(this.#tokens + (rate * (nowMs + aheadMs - fromMs)) / 1_000 + ROUNDING));
  }

  /** Notes that parts left. */
  spend(parts: number, nowMs: number): void {
    this.#fill(nowMs);
    if (this.#rate() !== Infinity) this.#tokens -= parts;
    this.#turnBuckets(nowMs);
    this.#inBucket += parts;
  }

  /** When the next part may leave; now or earlier if it may already. */
  nextAtMs(nowMs: number): number {
    this.#fill(nowMs);
    const rate = this.#rate();
    const fromMs = Math.max(nowMs, this.#pausedUntilMs);
    if (rate === Infinity || this.#tokens >= 1) return fromMs;
    return Math.max(fromMs, nowMs + ((1 - this.#tokens) * 1_000) / rate);
  }

  /**
   * Notes that the carrier asked for less. What was under way when it did is throttled too, so throttles during a pause do
   * not slow it further.
   */
  throttle(nowMs: number, retryAfterMs: number | null): void {
    const untilMs = nowMs + (retryAfterMs ?? 0);
    if (nowMs < this.#pausedUntilMs) {
      this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
      return;
    }
    this.#fill(nowMs);
    this.#throttles = nowMs - this.#throttledAtMs > CALM_MS ? 0 : this.#throttles + 1;
    this.#throttledAtMs = nowMs;
    const pauseMs = Math.min(THROTTLE_PAUSE_MAX_MS, THROTTLE_PAUSE_MS * 2 ** Math.min(this.#throttles, 10));
    this.#pausedUntilMs = retryAfterMs === null ? nowMs + pauseMs : untilMs;
    this.#slowed = Math.max(1, Math.min(this.#rate(), this.#recentPerSecond(nowMs)) / 2);
    this.#tokens = Math.min(this.#tokens, 0);
  }

  #rate(): number {
    return Math.min(this.#limit(), this.#slowed ?? Infinity);
  }

  #limit(): number {
    return this.#perSecond === null ? Infinity : Math.max(this.#perSecond * this.#share, Number.EPSILON);
  }

  #burst(): number {
    const rate = this.#rate();
    return rate === Infinity ? 1 : Math.max(1, rate * BURST_SECONDS);
  }

  #fill(nowMs: number): void {
    const fromMs = Math.max(this.#filledAtMs, Math.min(this.#pausedUntilMs, nowMs));
    const seconds = Math.max(0, nowMs - fromMs) / 1_000;
    this.#filledAtMs = nowMs;
    this.#recover(seconds, nowMs);
    const rate = this.#rate();
    if (rate === Infinity) this.#tokens = 1;
    else this.#tokens = Math.min(this.#burst(), this.#tokens + rate * seconds);
  }

  #recover(seconds: number, nowMs: number): void {
    if (this.#slowed === null) return;
    this.#slowed *= (1 + RECOVERY_PER_SECOND) ** seconds;
    if (this.#slowed >= this.#limit() || nowMs - this.#throttledAtMs > FORGIVEN_AFTER_MS) this.#slowed = null;
  }

  /** The most that left in a second lately. */
  #recentPerSecond(nowMs: number): number {
    this.#turnBuckets(nowMs);
    return Math.max(this.#inBucket, this.#inBucketBefore);
  }

  #turnBuckets(nowMs: number): void {
    const elapsedMs = nowMs - this.#bucketAtMs;
    if (elapsedMs < 1_000) return;
    this.#inBucketBefore = elapsedMs < 2_000 ? this.#inBucket : 0;
    this.#inBucket = 0;
    this.#bucketAtMs = nowMs;
  }
}
