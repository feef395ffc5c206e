import type { Carrier, CarrierEvents } from "../carriers/carrier.ts";
import type { Clock } from "../domain/clock.ts";
import type { CarrierId, NodeId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { Metrics } from "../domain/metrics.ts";
import type { HandOver, OutboundTarget } from "../domain/outbound-target.ts";
import type { Store } from "../store/store.ts";
import { CarrierQueue } from "./carrier-queue.ts";
import { DEFAULT_DISPATCH_SETTINGS, type DispatchSettings } from "./dispatch-settings.ts";
import type { OutcomeRules } from "./flight-outcome.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import { Leftovers } from "./leftovers.ts";
import { Settling } from "./settling.ts";
import { releaseTarget } from "./unsent-target.ts";
import { WaitingRoom } from "./waiting-room.ts";
import { within } from "./within.ts";

type DispatchStore = Pick<
  Store,
  | "claimTargets"
  | "claimReroutable"
  | "markInFlight"
  | "settleTargets"
  | "recoverTargets"
  | "leasedTargets"
  | "nextDueAt"
  | "leftoverCarriers"
  | "heartbeat"
  | "leaseBinds"
  | "releaseBinds"
  | "onWake"
>;

export interface DispatchDependencies {
  readonly store: DispatchStore;
  readonly node: NodeId;
  readonly clock: Clock;
  /** Milliseconds that never step (`performance.now()`), the same clock that carriers check their leases by. */
  readonly monotonicMs: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Parts of a target at another carrier than the one it was counted for; null when that one cannot take it or is gone. */
  readonly countParts: OutcomeRules["countParts"];
  /** What carriers bring, for those who store it. */
  readonly onReceipts: CarrierEvents["onReceipts"];
  readonly onInbound: CarrierEvents["onInbound"];
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly settings?: Partial<DispatchSettings>;
}

/** Sends what is queued: one queue for each carrier, all of them settled by one writer. */
export interface Dispatch {
  readonly handOver: HandOver;
  /** Starts a carrier; it gets its bind slots as soon as this node holds leases. */
  add(carrier: Carrier): void;
  /**
   * Stops the carrier of the same id as `remove` does, and starts this one in its place. Bind slots stay with this node, and so do
   * the places that were reserved for targets which are delivered only afterwards. Adds it when there is none of the id. One
   * at a time for each id.
   */
  replace(carrier: Carrier, graceMs?: number): Promise<void>;
  /** Stops a carrier within `graceMs`; what was not sent goes back to the store. Does nothing for an unknown one. */
  remove(carrierId: CarrierId, graceMs?: number): Promise<void>;
  /** Takes bind slots and recovers what dead processes left. Resolves too when the store cannot be reached: it goes on trying. */
  start(): Promise<void>;
  /** Claims nothing more, waits for answers for at most `graceMs`, settles them, and gives up all slots. */
  stop(graceMs: number): Promise<void>;
}

const STOPPING_GRACE_MS = 5_000;
/** When the last answer came at the last moment it still has to be written. */
const SETTLING_GRACE_MS = 1_000;

export function createDispatch(dependencies: DispatchDependencies): Dispatch {
  const { store, node, clock, random, countParts, logger } = dependencies;
  const settings = { ...DEFAULT_DISPATCH_SETTINGS, ...dependencies.settings };
  const rules = { node, countParts, random, receiptTimeoutMs: settings.receiptTimeoutMs };
  const settling = new Settling(store, logger);
  const queues = new Map<CarrierId, CarrierQueue>();
  let isEnding = false;
  const leftovers = new Leftovers({
    ...dependencies,
    settling,
    rules,
    strayLookMs: settings.strayLookMs,
    isServed: (id) => queues.has(id),
  });
  const keeper = new LeaseKeeper({
    ...dependencies,
    settings,
    onBeat: (liveNodes) => leftovers.look(liveNodes),
  });
  const stopWaking = store.onWake((wake) => {
    if (wake.kind === "queue") queues.get(wake.carrierId)?.lookSoon();
    else if (wake.kind === "leases") keeper.look();
    else if (wake.kind === "opt-out") for (const queue of queues.values()) queue.optOut(wake);
  });

  const handOver: HandOver = {
    depart: (carrierId, targets) => queues.get(carrierId)?.depart(targets) ?? null,
    reserve: (carrierId, targets) => queues.get(carrierId)?.reserve(targets) ?? false,
    release: (carrierId, targets) => queues.get(carrierId)?.release(targets),
    deliver(targets) {
      for (const [carrierId, ofCarrier] of Map.groupBy(targets, (target) => target.carrierId)) {
        const queue = queues.get(carrierId);
        if (queue === undefined) giveBack(ofCarrier);
        else queue.deliver(ofCarrier);
      }
    },
  };

  /** The carrier was removed between reserving and delivering. */
  function giveBack(targets: readonly OutboundTarget[]): void {
    const at = clock.now();
    for (const target of targets) settling.add(releaseTarget(target, at, node), () => {});
  }

  /** What another node said last counts for as long as its leases do. */
  function carriersUp(): readonly CarrierId[] {
    const nowMs = dependencies.monotonicMs();
    const up = [...queues.values()].filter(({ sightings }) => sightings.isUp(settings.leaseMs, nowMs));
    return up.map(({ carrier }) => carrier.id);
  }

  /** What each carrier may use of its limits, so that all together are bounded and none can take another's room. */
  function shareOfOne(): number {
    return Math.min(1, settings.fullRooms / queues.size);
  }

  function add(carrier: Carrier): void {
    if (queues.has(carrier.id)) throw new Error(`${carrier.name} is there already`);
    if (!isEnding) keeper.add(startQueue(carrier, new WaitingRoom(settings, shareOfOne)));
  }

  function startQueue(carrier: Carrier, waiting: WaitingRoom): CarrierQueue {
    const queue = new CarrierQueue({
      ...dependencies,
      carrier,
      settling,
      rules,
      settings,
      carriersUp,
      waiting,
    });
    queues.set(carrier.id, queue);
    const { onReceipts, onInbound } = dependencies;
    carrier.start({ onReceipts, onInbound, onRoom: () => queue.askForTurn() });
    return queue;
  }

  async function replace(carrier: Carrier, graceMs = STOPPING_GRACE_MS): Promise<void> {
    const before = queues.get(carrier.id);
    if (before === undefined) return add(carrier);
    await stopQueue(before, graceMs);
    if (!isEnding) keeper.replace(before, startQueue(carrier, before.waiting));
  }

  async function remove(carrierId: CarrierId, graceMs = STOPPING_GRACE_MS): Promise<void> {
    const queue = queues.get(carrierId);
    if (queue === undefined) return;
    queues.delete(carrierId);
    leftovers.remember(queue.carrier);
    await stopQueue(queue, graceMs);
    await within(keeper.remove(queue), SETTLING_GRACE_MS);
  }

  async function stop(graceMs: number): Promise<void> {
    isEnding = true;
    stopWaking();
    const stopping = [leftovers.stop(), ...[...queues.values()].map((queue) => queue.stop(graceMs))];
    const settled = Promise.all(stopping).then(() => settling.settled());
    if (!(await within(settled, graceMs + SETTLING_GRACE_MS)))
      logger.warn(
        { settlements: settling.size },
        "outcomes could not be written before the end; they are unknown",
      );
    settling.close();
    await within(keeper.stop(), SETTLING_GRACE_MS);
    queues.clear();
  }

  return { handOver, add, replace, remove, start: () => keeper.start(), stop };
}

/** What is not written within the time will be, later. */
async function stopQueue(queue: CarrierQueue, graceMs: number): Promise<void> {
  await within(queue.stop(graceMs), graceMs + SETTLING_GRACE_MS);
}
