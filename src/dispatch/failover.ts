import type { Clock } from "../domain/clock.ts";
import type { CarrierId } from "../domain/ids.ts";
import { PRIORITIES, type Priority } from "../domain/message.ts";
import type { Metrics } from "../domain/metrics.ts";
import { addMs, type Micros } from "../domain/micros.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { QueuePlace, QueueStore, Settlement } from "../store/queueing.ts";
import { BATCH_MAX, type DispatchSettings } from "./dispatch-settings.ts";
import { type OutcomeRules, passOn, releaseTarget } from "./flight-outcome.ts";
import type { WaitingRoom } from "./waiting-room.ts";

export interface FailoverDependencies {
  readonly carrier: { readonly id: CarrierId; readonly name: string };
  readonly store: Pick<QueueStore, "claimReroutable">;
  readonly rules: Pick<OutcomeRules, "node" | "countParts">;
  readonly settings: Pick<DispatchSettings, "failoverMs" | "pollMs">;
  readonly waiting: WaitingRoom;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Carriers that are not known to be down. */
  readonly carriersUp: () => readonly CarrierId[];
  /** Settles a target that is not marked and has a place in the waiting room. */
  readonly settle: (settlement: Settlement) => void;
}

/**
 * While a carrier is down, passes what is due there to the next carrier that can take it. It is down when this node holds bind
 * slots of it and no lane has been up for `failoverMs`. What has no other carrier stays and waits.
 *
 * Where other nodes hold slots too they may have a lane up. Such a node takes what is due at once, so what has been due for
 * `failoverMs` was taken by none, or is more than that node can send.
 */
export class Failover {
  readonly #deps: FailoverDependencies;
  #downSinceMs: number | null = null;
  #isLooking = false;
  #nextLookMs = -Infinity;
  /** Where the look before ended, by priority. */
  readonly #places = new Map<Priority, QueuePlace | null>();

  constructor(dependencies: FailoverDependencies) {
    this.#deps = dependencies;
  }

  /** Takes in whether this node holds slots and no lane is up. */
  note(isDown: boolean, nowMs: number): void {
    if (!isDown) this.#downSinceMs = null;
    else this.#downSinceMs ??= nowMs;
  }

  /** When to look next; Infinity while the carrier is not down, or a look is under way. */
  get nextLookMs(): number {
    if (this.#downSinceMs === null || this.#isLooking) return Infinity;
    return Math.max(this.#downSinceMs + this.#deps.settings.failoverMs, this.#nextLookMs);
  }

  /**
   * Reroutes what is due, a batch of each priority. Throws when the store cannot.
   * @param isAlone no other node holds slots of the carrier.
   */
  async look(isAlone: boolean, nowMs: number): Promise<void> {
    const { carriersUp, settings, clock } = this.#deps;
    this.#isLooking = true;
    this.#nextLookMs = nowMs + settings.pollMs;
    const dueBy = isAlone ? clock.now() : addMs(clock.now(), -settings.failoverMs);
    try {
      for (const priority of Object.values(PRIORITIES)) {
        const up = carriersUp();
        if (this.#downSinceMs !== null && up.length > 0) await this.#reroute(priority, dueBy, up);
      }
    } finally {
      this.#isLooking = false;
    }
  }

  async #reroute(priority: Priority, dueBy: Micros, up: readonly CarrierId[]): Promise<void> {
    const { carrier, store, rules, waiting, clock, settle } = this.#deps;
    const limit = Math.min(BATCH_MAX, waiting.room);
    if (limit <= 0 || !waiting.reserve(limit)) return;
    let claimed = 0;
    try {
      const after = this.#places.get(priority) ?? null;
      const request = { carrierId: carrier.id, node: rules.node, priority, dueBy, fallbacks: up, after };
      const { targets, last } = await store.claimReroutable({ ...request, limit });
      claimed = targets.length;
      this.#places.set(priority, last);
      const at = clock.now();
      for (const target of targets) settle(this.#pass(target, at, up));
    } finally {
      waiting.release(limit - claimed);
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
