import type { DispatchSettings } from "./dispatch-settings.ts";

/**
 * How this node's lanes of a carrier are: one is `up`, or those that are up are all on trial, with something to be tried (`tried`) or
 * nothing (`idle`), or none is up.
 */
export type LanesSeen = "up" | "tried" | "idle" | "down";

/**
 * When lanes of one carrier were seen up, by this node's turns and by what other nodes say with their heartbeats. On trial they
 * do not count as up, unless there was nothing to try for long: then nobody knows, and who would else find out? All times are of
 * the monotonic clock.
 */
export class LaneSightings {
  readonly #leaseMs: number;
  readonly #idleMs: number;
  #isUpHere = false;
  #isHolding = false;
  #lastHereMs = -Infinity;
  #lastElsewhereMs = -Infinity;
  /** Since when this node holds slots and has no lane up, not even on trial; null while it has one, or no slot. */
  #waitingSinceMs: number | null = null;
  /** Since when the store has answered often enough for somebody to have held the carrier's slots all the time. */
  #heardSinceMs = -Infinity;
  #heardMs = -Infinity;
  /** Since when lanes are on trial with nothing to try; null while they are not. */
  #idleSinceMs: number | null = null;

  /** Slots stay for `leaseMs` with whoever does not renew them; after `failoverMs` with nothing to try, lanes on trial count as up. */
  constructor({ leaseMs, failoverMs }: Pick<DispatchSettings, "leaseMs" | "failoverMs">) {
    this.#leaseMs = leaseMs;
    this.#idleMs = failoverMs;
  }

  /** Takes in what a turn saw. A lane that goes asks for a turn: until the one that finds it gone it was up. */
  see({ lanes, isHolding }: { readonly lanes: LanesSeen; readonly isHolding: boolean }, nowMs: number): void {
    const isUp = lanes === "up" || this.#isIdleForLong(lanes, nowMs);
    if (isUp || this.#isUpHere) this.#lastHereMs = nowMs;
    this.#isUpHere = isUp;
    this.#isHolding = isHolding;
    if (lanes !== "down" || !isHolding) this.#waitingSinceMs = null;
    else this.#waitingSinceMs ??= nowMs;
  }

  /** The store was asked at `nowMs`: another node last had a lane up at `lastMs`; null when none ever had. */
  hear(lastMs: number | null, nowMs: number): void {
    if (nowMs - this.#heardMs > this.#leaseMs) this.#heardSinceMs = nowMs;
    this.#heardMs = nowMs;
    this.#lastElsewhereMs = Math.max(this.#lastElsewhereMs, lastMs ?? -Infinity);
  }

  /** When this node last had a lane up; -Infinity when it never had. */
  lastHereMs(nowMs: number): number {
    return this.#isUpHere ? nowMs : this.#lastHereMs;
  }

  /** Whether a lane is up here, or was at another node no longer ago than that. */
  isUp(withinMs: number, nowMs: number): boolean {
    return this.#isUpHere || nowMs - this.#lastElsewhereMs <= withinMs;
  }

  /** Since when this node holds slots and has no lane up, not even on trial; null while it has one, or no slot. */
  get waitingSinceMs(): number | null {
    return this.#waitingSinceMs;
  }

  /**
   * Since when neither this node nor, as far as it has heard, another has had a lane up; null while one is up here, or this node
   * holds no slot. Whoever had the slots before has tried too: the time does not begin anew when they change hands.
   */
  get downSinceMs(): number | null {
    if (this.#isUpHere || !this.#isHolding) return null;
    return Math.max(this.#heardSinceMs, this.#lastHereMs, this.#lastElsewhereMs);
  }

  #isIdleForLong(lanes: LanesSeen, nowMs: number): boolean {
    if (lanes !== "idle") this.#idleSinceMs = null;
    else this.#idleSinceMs ??= nowMs;
    return this.#idleSinceMs !== null && nowMs - this.#idleSinceMs >= this.#idleMs;
  }
}
