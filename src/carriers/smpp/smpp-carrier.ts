import type { Clock } from "../../domain/clock.ts";
import type { CarrierId } from "../../domain/ids.ts";
import type { Logger } from "../../domain/logger.ts";
import type { Metrics } from "../../domain/metrics.ts";
import type {
  Carrier,
  CarrierEvents,
  CarrierHealth,
  Lane,
  LaneLease,
  LaneState,
  Submission,
  SubmitOutcome,
} from "../carrier.ts";
import { PACES, type Paces } from "./back-off.ts";
import { Receiving } from "./receiving.ts";
import { type LaneDeps, SmppLane } from "./smpp-lane.ts";
import type { SmppAccount } from "./smpp-url.ts";
import { SubmitWriter } from "./submit-bodies.ts";
import { StatusMeanings } from "./submit-failures.ts";

/** What an SMPP carrier is made of. */
export interface SmppCarrierDeps {
  readonly id: CarrierId;
  readonly name: string;
  readonly account: SmppAccount;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The clock of the leases' deadlines: `performance.now()`. */
  readonly monotonicMs: () => number;
  /** From 0 up to 1; spreads reconnections. */
  readonly random: () => number;
  /** How fast to reconnect; the usual paces unless given. */
  readonly paces?: Paces;
}

/** An account at an SMSC at work: one lane for each bind slot that is leased to this process. */
export function createSmppCarrier(deps: SmppCarrierDeps): Carrier {
  return new SmppCarrier(deps);
}

class SmppCarrier implements Carrier {
  readonly id: CarrierId;
  readonly name: string;
  readonly onUnknownOutcome: Carrier["onUnknownOutcome"];
  readonly perSecond: number | null;
  readonly slots: number;
  readonly #deps: SmppCarrierDeps;
  readonly #writer: SubmitWriter;
  readonly #meanings: StatusMeanings;
  /** By bind slot. */
  readonly #lanes = new Map<number, SmppLane>();
  /** Given up, but not yet gone. */
  readonly #leaving = new Set<SmppLane>();
  #events: CarrierEvents | null = null;
  #receiving: Receiving | null = null;
  #isStopped = false;
  #onAllGone: (() => void) | null = null;

  constructor(deps: SmppCarrierDeps) {
    const { account } = deps;
    this.#deps = deps;
    this.id = deps.id;
    this.name = deps.name;
    this.onUnknownOutcome = account.onUnknownOutcome;
    this.perSecond = account.perSecond;
    this.slots = account.bind.slots;
    this.#writer = new SubmitWriter(account.profile, account.sending);
    this.#meanings = new StatusMeanings(account.temporaryStatuses);
  }

  start(events: CarrierEvents): void {
    const { id, name, account, clock, monotonicMs, logger, metrics } = this.#deps;
    this.#events = events;
    this.#receiving = new Receiving({
      id,
      name,
      settings: account.receiving,
      events,
      clock,
      monotonicMs,
      logger,
      metrics,
    });
  }

  setLeases(leases: readonly LaneLease[]): void {
    if (this.#events === null) throw new Error(`carrier ${this.name} was given leases before it was started`);
    if (this.#isStopped) return;
    for (const lane of this.#lanes.values()) {
      const lease = leases.find(({ bind, epoch }) => bind === lane.bind && epoch === lane.epoch);
      if (lease === undefined) this.#leave(lane);
      else lane.renew(lease.deadlineMs);
    }
    for (const lease of leases) {
      if (!this.#lanes.has(lease.bind)) this.#lanes.set(lease.bind, new SmppLane(lease, this.#laneDeps()));
    }
  }

  lanes(): readonly LaneState[] {
    const states: LaneState[] = [];
    for (const lane of this.#lanes.values()) {
      const state = lane.state();
      if (state !== null) states.push(state);
    }
    return states;
  }

  submit<Each extends Submission>(
    { bind, epoch }: Lane,
    submissions: readonly Each[],
    settle: (submission: Each, outcome: SubmitOutcome) => void,
  ): void {
    const lane = this.#lanes.get(bind);
    if (lane?.epoch === epoch) return lane.submit(submissions, settle);
    for (const each of submissions) settle(each, { kind: "unsent", words: "the bind slot was given up" });
  }

  health(): CarrierHealth {
    const lanes = [...this.#lanes.values()];
    const up = lanes.filter((lane) => lane.isUp);
    return {
      state: this.#state(lanes, up),
      detail: this.#isStopped ? "stopped" : (lanes.find(({ detail }) => detail !== "")?.detail ?? ""),
      isUnreachable: lanes.length > 0 && lanes.every((lane) => lane.isUnreachable),
      isTurnedAway:
        lanes.some((lane) => lane.isTurnedAway) &&
        lanes.every((lane) => lane.isTurnedAway || lane.isUnreachable),
      lanes: up.length,
      windowUsed: lanes.reduce((sum, lane) => sum + lane.pendingRequests, 0),
      windowSize: up.reduce((sum, lane) => sum + lane.windowSize, 0),
    };
  }

  async stop(graceMs: number): Promise<void> {
    this.#isStopped = true;
    for (const lane of this.#lanes.values()) this.#leave(lane);
    if (this.#leaving.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onAllGone = resolve;
    const timer = setTimeout(() => {
      for (const lane of this.#leaving) lane.destroy();
    }, graceMs);
    await promise;
    clearTimeout(timer);
  }

  #state(lanes: readonly SmppLane[], up: readonly SmppLane[]): CarrierHealth["state"] {
    if (this.#isStopped) return "stopped";
    if (up.length > 0 && up.every(({ isOnTrial }) => isOnTrial)) return "silent";
    if (up.length > 0) return up.some(({ isThrottled }) => isThrottled) ? "throttled" : "up";
    return lanes.every(({ isFresh }) => isFresh) ? "connecting" : "down";
  }

  #leave(lane: SmppLane): void {
    this.#lanes.delete(lane.bind);
    this.#leaving.add(lane);
    lane.leave();
  }

  #gone(lane: SmppLane): void {
    this.#leaving.delete(lane);
    if (this.#leaving.size === 0) this.#onAllGone?.();
  }

  #laneDeps(): LaneDeps {
    const { name, account, clock, logger, metrics, monotonicMs, random } = this.#deps;
    return {
      name,
      account,
      clock,
      logger,
      metrics,
      monotonicMs,
      random,
      paces: this.#deps.paces ?? PACES,
      writer: this.#writer,
      meanings: this.#meanings,
      onRoom: () => this.#events?.onRoom(),
      onRequests: (requests, connection) => this.#receiving?.take(requests, connection),
      onGone: (lane) => this.#gone(lane),
    };
  }
}
