import type { Clock } from "../domain/clock.ts";
import type { CarrierId, NodeId } from "../domain/ids.ts";
import { MICROS_PER_MS } from "../domain/micros.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import { CLAIM_MAX_CHARACTERS, type QueueStore } from "../store/queueing.ts";
import { charactersOf } from "./characters-of.ts";
import { CLAIM_MAX } from "./dispatch-settings.ts";
import type { WaitingRoom } from "./waiting-room.ts";

export interface ClaimsDependencies {
  readonly store: Pick<QueueStore, "claimTargets" | "nextDueAt">;
  readonly carrierId: CarrierId;
  readonly node: NodeId;
  readonly clock: Clock;
  readonly waiting: WaitingRoom;
  readonly pollMs: number;
}

/** A claim that finds at least this share of what it asked for, in targets or characters, says that the store has a backlog. */
const BACKLOG_SHARE = 0.25;

/** Knows when to look for due targets in the store, and brings them into the waiting room: one claim at a time. */
export class Claims {
  readonly #deps: ClaimsDependencies;
  #isClaiming = false;
  #isAsked = true;
  #isBehind = true;
  #nextLookMs = -Infinity;

  constructor(dependencies: ClaimsDependencies) {
    this.#deps = dependencies;
  }

  /** The store holds older work, which hand-over would overtake for as long as more is accepted than can be sent. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** When to look again though nothing says that something is due. */
  get nextLookMs(): number {
    return this.#nextLookMs;
  }

  /** The store may have something due. */
  ask(): void {
    this.#isAsked = true;
  }

  /** Targets went into the store because there was no room for them here. */
  overflow(): void {
    this.#isBehind = true;
    this.#isAsked = true;
  }

  /**
   * How many to claim now: twice what the lanes can use at once, less what waits, so that the next claim is back before this
   * one is used up. While enough waits a look from time to time tells whether something in the store fell due that hand-over
   * goes on overtaking. 0 while nothing says that something is due, or what waits came from there, or no lane is up.
   * @param supply parts that the lanes can use at once.
   */
  wanted(supply: number, nowMs: number): number {
    const { waiting } = this.#deps;
    if (this.#isClaiming || (!this.#isAsked && nowMs < this.#nextLookMs)) return 0;
    if (waiting.characterRoom <= 0) return 0;
    if (waiting.size >= supply)
      return this.#isBehind || nowMs < this.#nextLookMs ? 0 : Math.min(CLAIM_MAX, supply, waiting.room);
    return Math.max(0, Math.min(CLAIM_MAX, 2 * supply - waiting.size, waiting.room));
  }

  /** Claims so many and lets them in. Throws when the store cannot; then it will be looked again. */
  async claim(limit: number, nowMs: number): Promise<void> {
    const { store, carrierId, node, clock, waiting, pollMs } = this.#deps;
    // half of the room: what is handed over meanwhile needs some too
    const characters = Math.min(CLAIM_MAX_CHARACTERS, Math.ceil(waiting.characterRoom / 2));
    if (!waiting.reserve(limit, characters)) throw new Error("claimed for more than there is room for");
    this.#isClaiming = true;
    this.#isAsked = false;
    this.#nextLookMs = nowMs + pollMs;
    let claimed: readonly OutboundTarget[] = [];
    let brought = 0;
    try {
      claimed = await store.claimTargets({ carrierId, node, now: clock.now(), limit, characters });
      brought = charactersOf(claimed);
      waiting.enter(claimed);
      this.#isBehind = claimed.length >= limit * BACKLOG_SHARE || brought >= characters * BACKLOG_SHARE;
      if (claimed.length > 0) this.#isAsked = true;
      else await this.#setNextLook(nowMs);
    } catch (error) {
      this.#isAsked = true;
      throw error;
    } finally {
      this.#isClaiming = false;
      waiting.release(limit - claimed.length, characters - brought);
    }
  }

  async #setNextLook(nowMs: number): Promise<void> {
    const { store, carrierId, clock } = this.#deps;
    const dueAt = await store.nextDueAt(carrierId);
    if (dueAt === null) return;
    const dueInMs = Math.max(0, Math.ceil((dueAt - clock.now()) / MICROS_PER_MS));
    this.#nextLookMs = Math.min(this.#nextLookMs, nowMs + dueInMs);
  }
}
