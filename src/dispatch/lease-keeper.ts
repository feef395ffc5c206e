import type { Carrier, LaneLease } from "../carriers/carrier.ts";
import type { Clock } from "../domain/clock.ts";
import type { NodeId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import { addMs, MICROS_PER_MS, type Micros } from "../domain/micros.ts";
import type { LeaseStore } from "../store/leasing.ts";
import { Alarm } from "./alarm.ts";
import type { DispatchSettings } from "./dispatch-settings.ts";
import type { LaneSightings } from "./lane-sightings.ts";
import { LivingNodes } from "./living-nodes.ts";
import { type CutOff, SlotTurns } from "./slot-turns.ts";

/** What the keeper does for one carrier's queue. */
export interface Leaseholder {
  readonly carrier: Pick<Carrier, "id" | "name" | "slots" | "health">;
  readonly sightings: Pick<LaneSightings, "lastHereMs" | "waitingSinceMs" | "hear">;
  holdLeases(leases: readonly LaneLease[]): void;
  recover(liveNodes: readonly NodeId[]): Promise<void>;
  lookForStrays(liveNodes: readonly NodeId[]): void;
  measure(): void;
}

export interface LeaseKeeperDependencies {
  readonly store: LeaseStore;
  readonly node: NodeId;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
  readonly settings: DispatchSettings;
  readonly logger: Logger;
  /** Called after each beat that succeeded. */
  readonly onBeat: (liveNodes: readonly NodeId[]) => void;
}

/** A moment by both clocks: leases end by the wall clock in the store, and by the monotonic one here. */
interface Beat {
  readonly now: Micros;
  readonly startedMs: number;
  readonly nodes: readonly NodeId[];
}

interface Holding {
  leases: readonly LaneLease[];
  /** When the store gives the slots to others unless they are renewed. */
  untilMs: number;
  isRecovered: boolean;
  readonly turns: SlotTurns;
}

/**
 * Says every few seconds that this node lives, and renews its bind slots (promise P6). A lease counts from before the store
 * was asked, and ends for the carrier a margin before it ends for others. When it cannot be renewed its slots are given up.
 * Slots of a carrier that cannot be reached from here, or does not want this node, are left for others to try (SlotTurns).
 * A node that is seen to have died has its work taken back by each of those that are left.
 */
export class LeaseKeeper {
  readonly #deps: LeaseKeeperDependencies;
  readonly #holdings = new Map<Leaseholder, Holding>();
  readonly #lapse: Alarm;
  readonly #living: LivingNodes;
  #nodes: readonly NodeId[] = [];
  #beating: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #isStarted = false;
  #isFailing = false;

  constructor(dependencies: LeaseKeeperDependencies) {
    this.#deps = dependencies;
    this.#living = new LivingNodes(dependencies.settings);
    this.#lapse = new Alarm(() => this.#giveUpLapsed());
  }

  /** Resolves after the first beat, whether it succeeded or not: it goes on trying. */
  async start(): Promise<void> {
    this.#isStarted = true;
    this.#beatOn();
    await this.#beating;
  }

  /** Bind slots may be free: takes its share at once. */
  look(): void {
    if (this.#isStarted) this.#beatOn();
  }

  /** Takes a carrier's queue into its care; at once if it runs already. */
  add(holder: Leaseholder): void {
    const turns = new SlotTurns(this.#deps.settings);
    this.#holdings.set(holder, { leases: [], untilMs: -Infinity, isRecovered: false, turns });
    if (this.#isStarted) this.#beatOn();
  }

  /** Takes a carrier's queue into its care in place of another, which must have stopped: the slots are this node's all along. */
  replace(before: Leaseholder, holder: Leaseholder): void {
    this.#holdings.delete(before);
    this.add(holder);
  }

  /** Lets go of one carrier's slots; its queue must have stopped. */
  async remove(holder: Leaseholder): Promise<void> {
    this.#holdings.delete(holder);
    await this.#beating;
    const { id: carrierId, slots } = holder.carrier;
    await this.#release({ carrierId, slots: Array.from({ length: slots }, (_, bind) => bind) });
  }

  /** Lets go of everything, this node's life included; the queues must have stopped. */
  async stop(): Promise<void> {
    this.#isStarted = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#lapse.clear();
    await this.#beating;
    this.#lapse.clear(); // the beat that was under way may have set it again
    await this.#release(null);
  }

  #beatOn(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#beating = this.#beatAfter(this.#beating);
  }

  async #beatAfter(before: Promise<void>): Promise<void> {
    await before;
    await this.#beat();
    if (!this.#isStarted || this.#timer !== null) return;
    this.#timer = setTimeout(() => this.#beatOn(), this.#deps.settings.heartbeatMs);
  }

  async #beat(): Promise<void> {
    if (!this.#isStarted) return;
    const { clock, monotonicMs, logger, onBeat } = this.#deps;
    const [now, startedMs] = [clock.now(), monotonicMs()];
    try {
      const nodes = await this.#sayAlive(now, startedMs);
      if (this.#nodes.some((before) => !nodes.includes(before)))
        for (const holding of this.#holdings.values()) holding.isRecovered = false;
      this.#nodes = nodes;
      const beat = { now, startedMs, nodes };
      await Promise.all([...this.#holdings].map(([holder, holding]) => this.#renew(holder, holding, beat)));
      for (const holder of this.#holdings.keys()) holder.lookForStrays(nodes);
      onBeat(nodes);
      if (this.#isFailing) logger.info({}, "leases are renewed again");
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) logger.warn({ error: String(error) }, "leases cannot be renewed; trying on");
      this.#isFailing = true;
    }
    for (const holder of this.#holdings.keys()) holder.measure();
  }

  /** Says that this node lives; answers who is to be taken for living. */
  async #sayAlive(now: Micros, startedMs: number): Promise<readonly NodeId[]> {
    const { store, node, settings } = this.#deps;
    try {
      return this.#living.heard(
        await store.heartbeat(node, now, addMs(now, settings.leaseMs)),
        now,
        startedMs,
      );
    } catch (error) {
      this.#living.missed();
      throw error;
    }
  }

  async #renew(holder: Leaseholder, holding: Holding, beat: Beat): Promise<void> {
    const { settings } = this.#deps;
    const { startedMs, nodes } = beat;
    const want = this.#want(holder, holding, beat);
    // Slots that others are to have are left before the store may hand them out.
    if (holding.leases.length > want)
      this.#hold(holder, holding, holding.leases.slice(0, want), holding.untilMs);
    const leases = await this.#lease(holder, want, beat);
    const untilMs = startedMs + settings.leaseMs;
    const deadlineMs = untilMs - settings.leaseMarginMs;
    if (!this.#holdings.has(holder)) return;
    const held = leases.map(({ bind, epoch }) => ({ bind, epoch, deadlineMs }));
    this.#hold(holder, holding, held, untilMs);
    if (holding.isRecovered) return;
    await holder.recover(nodes);
    holding.isRecovered = true;
  }

  /** How many slots to hold: an even share, less those that others are to try. */
  #want(holder: Leaseholder, { leases, turns }: Holding, { nodes, startedMs }: Beat): number {
    const { slots, name } = holder.carrier;
    const nodeCount = Math.max(1, nodes.length);
    const share = Math.ceil(slots / nodeCount);
    const held = Math.min(leases.length, share);
    const cutOff = this.#cutOff(holder);
    const want = turns.want({ slots, held, share, others: nodeCount - 1, cutOff }, startedMs);
    if (held > want) {
      const { isUnreachable, detail } = holder.carrier.health();
      const what = isUnreachable ? "cannot be reached from here" : "refuses binds from here";
      const fields = { carrier: name, slots: held - want, reason: detail };
      this.#deps.logger.warn(fields, `the carrier ${what}; another node may try its bind slots`);
    }
    return want;
  }

  /** Null while a lane is up, no slot is held, or another node would fare no better. */
  #cutOff({ carrier, sightings }: Leaseholder): CutOff | null {
    const { cutOffMs, turnedAwayMs } = this.#deps.settings;
    const sinceMs = sightings.waitingSinceMs;
    if (sinceMs === null) return null;
    const { isUnreachable, isTurnedAway } = carrier.health();
    if (isUnreachable) return { sinceMs, turnMs: cutOffMs };
    return isTurnedAway ? { sinceMs, turnMs: turnedAwayMs } : null;
  }

  /** Asks for so many slots, and says and hears when lanes were up: between nodes by the wall clock, here by the monotonic one. */
  async #lease({ carrier, sightings }: Leaseholder, want: number, { now, startedMs }: Beat) {
    const { store, node, settings } = this.#deps;
    const { id: carrierId, slots } = carrier;
    const lastUpMs = sightings.lastHereMs(startedMs);
    const upAt = Number.isFinite(lastUpMs) ? addMs(now, lastUpMs - startedMs) : null;
    const request = { carrierId, slots, want, node, now, expiresAt: addMs(now, settings.leaseMs), upAt };
    const { leases, upElsewhereAt } = await store.leaseBinds(request);
    const agoMs = upElsewhereAt === null ? null : (now - upElsewhereAt) / MICROS_PER_MS;
    sightings.hear(agoMs === null ? null : startedMs - agoMs, startedMs);
    return leases;
  }

  #hold(holder: Leaseholder, holding: Holding, leases: readonly LaneLease[], untilMs: number): void {
    holding.leases = leases;
    holding.untilMs = untilMs;
    holder.holdLeases(leases);
    if (leases.length > 0) this.#lapse.set(untilMs, this.#deps.monotonicMs());
  }

  #giveUpLapsed(): void {
    const nowMs = this.#deps.monotonicMs();
    for (const [holder, holding] of this.#holdings) {
      if (holding.leases.length === 0) continue;
      if (holding.untilMs <= nowMs) this.#hold(holder, holding, [], holding.untilMs);
      else this.#lapse.set(holding.untilMs, nowMs);
    }
  }

  async #release(binds: Parameters<LeaseStore["releaseBinds"]>[1]): Promise<void> {
    const { store, node, logger } = this.#deps;
    try {
      await store.releaseBinds(node, binds);
    } catch (error) {
      logger.warn({ error: String(error) }, "bind slots could not be released; their leases run out");
    }
  }
}
