/**
 * When lanes of one carrier were seen up, by this node's turns and by what other nodes say with their heartbeats. All times are
 * of the monotonic clock.
 */
export class LaneSightings {
  #isUpHere = false;
  #lastHereMs = -Infinity;
  #lastElsewhereMs = -Infinity;
  /** Since when this node holds slots and has no lane up; null while it has one, or no slot. */
  #waitingSinceMs: number | null = null;

  /** Takes in what a turn saw. A lane that goes asks for a turn: until the one that finds it gone it was up. */
  see({ isUp, isHolding }: { readonly isUp: boolean; readonly isHolding: boolean }, nowMs: number): void {
    if (isUp || this.#isUpHere) this.#lastHereMs = nowMs;
    this.#isUpHere = isUp;
    if (isUp || !isHolding) this.#waitingSinceMs = null;
    else this.#waitingSinceMs ??= nowMs;
  }

  /** Another node had a lane up then. */
  hear(lastMs: number): void {
    this.#lastElsewhereMs = Math.max(this.#lastElsewhereMs, lastMs);
  }

  /** When this node last had a lane up; -Infinity when it never had. */
  lastHereMs(nowMs: number): number {
    return this.#isUpHere ? nowMs : this.#lastHereMs;
  }

  /** Whether a lane is up here, or was at another node no longer ago than that. */
  isUp(withinMs: number, nowMs: number): boolean {
    return this.#isUpHere || nowMs - this.#lastElsewhereMs <= withinMs;
  }

  /** Since when this node holds slots and neither it nor, as far as it has heard, another has had a lane up; else null. */
  get downSinceMs(): number | null {
    return this.#waitingSinceMs === null ? null : Math.max(this.#waitingSinceMs, this.#lastElsewhereMs);
  }
}
