import type { NodeId } from "../domain/ids.ts";
import type { Micros } from "../domain/micros.ts";
import type { NodeLife } from "../store/leasing.ts";
import type { DispatchSettings } from "./dispatch-settings.ts";

/**
 * Tells dead nodes from those that could not say that they live, because the database was away for all.
 *
 * A node that missed a heartbeat itself believes of every node that had not ended when it was heard last that it lives, for a
 * lease from when it is heard again. That is enough for all to come back: the next try is 3 s after the one before, which
 * ends within 6.5 s when nobody answers it. With leases of 11 s:
 *
 *     0.0    A's last heartbeat before: its row ends at 11.0. Then B's at 2.0.
 *     2.5    The database goes away. A tries at 3, 6 and 9, B at 5 and 8.
 *     9.0    A lets go of its bind slots, which end for others at 11.0. B's would end at 13.0.
 *     10.0   The database is back.
 *     11.0   B's try succeeds, and A's row has just ended. B missed two, and at 2.0 A had not ended: A is believed until 22.0.
 *     12.0   A's try succeeds; all that it had in flight is still its own.
 *
 * Had A died at 1.0, B would take over with its first heartbeat after 22.0; had the database been well all the time, with its
 * first after 11.0, for then B misses nothing and believes nobody.
 *
 * A node that has just started never heard anybody. It believes of all that did not leave that they live, however long ago
 * they ended: it may have started while the database was away, and be back before them.
 *
 * Belief is renewed only when heartbeats fail anew, as when the database comes back for a moment alone. Slow ones do not
 * renew it, or where they always are a dead node would be believed for ever.
 *
 * Bind slots are safe without all this. A lease that has ended was let go of before, so whoever takes its slot is alone on it
 * (promise P6). They are shared among those believed too, so that each finds its share when it is back; a single one goes to
 * whoever is first.
 */
export class LivingNodes {
  readonly #settings: Pick<DispatchSettings, "leaseMs" | "heartbeatMs">;
  /** Until when that is believed of them. */
  #believed: ReadonlyMap<NodeId, number> = new Map();
  /** When this node was heard last, by the clock of the store's rows and by the monotonic one. */
  #heardAt = -Infinity;
  #heardMs = -Infinity;
  #hasFailed = false;

  constructor(settings: Pick<DispatchSettings, "leaseMs" | "heartbeatMs">) {
    this.#settings = settings;
  }

  /** A heartbeat failed. */
  missed(): void {
    this.#hasFailed = true;
  }

  /** A heartbeat that began at `now` and `startedMs` was answered with `lives`; answers who is to be taken for living. */
  heard(lives: readonly NodeLife[], now: Micros, startedMs: number): readonly NodeId[] {
    const { leaseMs, heartbeatMs } = this.#settings;
    const wasAway = this.#hasFailed || startedMs - this.#heardMs > 2 * heartbeatMs;
    const believed = new Map<NodeId, number>();
    for (const { node, expiresAt } of lives) {
      const before = this.#believed.get(node);
      const begins = (wasAway && expiresAt > this.#heardAt) || (this.#hasFailed && before !== undefined);
      const untilMs = begins ? startedMs + leaseMs : before;
      if (untilMs !== undefined && untilMs > startedMs) believed.set(node, untilMs);
    }
    this.#believed = believed;
    [this.#heardAt, this.#heardMs, this.#hasFailed] = [now, startedMs, false];
    return lives
      .filter(({ node, expiresAt }) => expiresAt > now || believed.has(node))
      .map(({ node }) => node);
  }
}
