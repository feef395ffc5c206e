import type { Clock } from "../domain/clock.ts";
import type { CarrierId } from "../domain/ids.ts";
import { PRIORITIES, type Priority } from "../domain/message.ts";
import type { Metrics } from "../domain/metrics.ts";
import type { Micros } from "../domain/micros.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import {
  CLAIM_MAX_CHARACTERS,
  type QueuePlace,
  type QueueStore,
  type Settlement,
} from "../store/queueing.ts";
import { charactersOf } from "./characters-of.ts";
import { BATCH_MAX, type DispatchSettings } from "./dispatch-settings.ts";
import type { LaneSightings } from "./lane-sightings.ts";
import { passOn, type PassingRules } from "./next-carrier.ts";
import { releaseTarget } from "./unsent-target.ts";
import type { WaitingRoom } from "./waiting-room.ts";

export interface FailoverDependencies {
  readonly carrier: { readonly id: CarrierId; readonly name: string };
  readonly store: Pick<QueueStore, "claimReroutable">;
  readonly rules: PassingRules;
  readonly settings: Pick<DispatchSettings, "failoverMs" | "pollMs">;
  readonly sightings: LaneSightings;
  readonly waiting: WaitingRoom;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Carriers of which some node has a lane up. */
  readonly carriersUp: () => readonly CarrierId[];
  /** Settles a target that is not marked and has a place in the waiting room. */
  readonly settle: (target: OutboundTarget, settlement: Settlement) => void;
}

/**
 * While a carrier is down, passes what is due there to the next carrier that is up and can take it. It is down when no node
 * has had a lane of it up for `failoverMs`, one on trial not counted; each of those that hold bind slots passes on. What has no other carrier that is
 * up stays and waits for the first of all that it may go to.
 */
export class Failover {
  readonly #deps: FailoverDependencies;
  #isLooking = false;
  #nextLookMs = -Infinity;
  /** Where the look before ended, by priority. */
  readonly #places = new Map<Priority, QueuePlace | null>();

  constructor(dependencies: FailoverDependencies) {
    this.#deps = dependencies;
  }

  /** When to look next; Infinity while the carrier is not down, or a look is under way. */
  get nextLookMs(): number {
    return this.#isLooking ? Infinity : Math.max(this.#downFromMs, this.#nextLookMs);
  }

  /** Reroutes what is due, a batch of each priority. Throws when the store cannot. */
  async look(nowMs: number): Promise<void> {
    const { carriersUp, settings } = this.#deps;
    this.#isLooking = true;
    this.#nextLookMs = nowMs + settings.pollMs;
    try {
      for (const priority of Object.values(PRIORITIES)) {
        const up = carriersUp();
        if (this.#downFromMs <= nowMs && up.length > 0) await this.#reroute(priority, up);
      }
    } finally {
      this.#isLooking = false;
    }
  }

  /** From when on the carrier is down; Infinity while it is not, or this node holds no slot of it. */
  get #downFromMs(): number {
    const { sightings, settings } = this.#deps;
    return (sightings.downSinceMs ?? Infinity) + settings.failoverMs;
  }

  async #reroute(priority: Priority, up: readonly CarrierId[]): Promise<void> {
    const { carrier, store, rules, waiting, clock, settle } = this.#deps;
    const limit = Math.min(BATCH_MAX, waiting.room);
    const characters = Math.min(CLAIM_MAX_CHARACTERS, waiting.characterRoom);
    if (limit <= 0 || characters <= 0 || !waiting.reserve(limit, characters)) return;
    let claimed: readonly OutboundTarget[] = [];
    try {
      const bounds = { after: this.#places.get(priority) ?? null, limit, characters };
      const request = { carrierId: carrier.id, node: rules.node, priority, fallbacks: up, ...bounds };
      const { targets, last } = await store.claimReroutable({ ...request, dueBy: clock.now() });
      claimed = targets;
      this.#places.set(priority, last);
      const at = clock.now();
      for (const target of targets) settle(target, this.#pass(target, at, up));
    } finally {
      waiting.release(limit - claimed.length, characters - charactersOf(claimed));
    }
  }

  /** To the first of its fallbacks that is up and can take it; back to the queue when there is none. */
  #pass(target: OutboundTarget, at: Micros, up: readonly CarrierId[]): Settlement {
    const { rules, metrics, carrier } = this.#deps;
    const passed = passOn(target, "carrier_down", at, rules, (carrierId) => up.includes(carrierId));
    if (passed === null) return releaseTarget(target, at, rules.node);
    metrics.count("msgbin_failovers_total", { carrier: carrier.name });
    return passed;
  }
}
