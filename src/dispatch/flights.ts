import type { Carrier, SubmitOutcome } from "../carriers/carrier.ts";
import type { Clock } from "../domain/clock.ts";
import { timeOfId } from "../domain/ids.ts";
import type { Metrics } from "../domain/metrics.ts";
import { MICROS_PER_SECOND, type Micros } from "../domain/micros.ts";
import { isEndedBy, type OptOut } from "../domain/opt-out.ts";
import type { Departure, OutboundTarget } from "../domain/outbound-target.ts";
import { UnderWay } from "../domain/under-way.ts";
import type { QueueStore, Settlement, SettlementResult } from "../store/queueing.ts";
import { charactersOf } from "./characters-of.ts";
import { BATCH_MAX } from "./dispatch-settings.ts";
import {
  giveFlightBack,
  type OutcomeRules,
  partsToSend,
  ruleOutcome,
  settledInstead,
} from "./flight-outcome.ts";
import { Flight, type LaneLine } from "./lane-line.ts";
import { LaneLines, type OpenLane } from "./lane-lines.ts";
import type { Pace } from "./pace.ts";
import type { Settling } from "./settling.ts";
import { expireTarget, releaseTarget } from "./unsent-target.ts";
import type { WaitingRoom } from "./waiting-room.ts";

export interface FlightsDependencies {
  readonly carrier: Carrier;
  readonly store: Pick<QueueStore, "markInFlight">;
  readonly settling: Settling;
  readonly rules: OutcomeRules;
  readonly waiting: WaitingRoom;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
  readonly metrics: Metrics;
  /** Something changed that may let more be done. */
  readonly onProgress: () => void;
}

/** Not more is marked ahead than the pace lets go in so long: what a crash makes unknown shrinks with the pace. */
const PACE_AHEAD_MS = 250;
/** A lane that was gone when it was used is left alone so long. */
const LANE_REST_MS = 100;

/** Targets from the mark to the settlement: nothing reaches the carrier here whose mark is not durable (promise P3). */
export class Flights {
  readonly lanes = new LaneLines();
  readonly #deps: FlightsDependencies;
  readonly #labels: { readonly carrier: string };
  #sequence = 0;
  #isEnding = false;
  /** Settlements of this carrier that are not committed. */
  readonly #unwritten = new UnderWay();

  constructor(dependencies: FlightsDependencies) {
    this.#deps = dependencies;
    this.#labels = { carrier: dependencies.carrier.name };
  }

  /** Looks at the lanes; gives back what was marked for those that are gone. */
  meetLanes(): void {
    this.#giveBack(this.lanes.meet(this.#deps.carrier.lanes()));
  }

  /** Hands to the carrier what is marked, as far as windows and pace allow. */
  send(nowMs: number): void {
    const at = this.#deps.clock.now();
    for (const open of this.lanes.open) if (open.line.restsUntilMs <= nowMs) this.#sendOver(open, at, nowMs);
  }

  /** Takes targets out of the waiting room for the lanes that can use them, and begins their flights. */
  begin(nowMs: number): readonly Flight[] {
    const { waiting, pace, clock } = this.#deps;
    const at = clock.now();
    let ahead = Math.max(1, pace.allowanceWithin(nowMs, PACE_AHEAD_MS)) - this.lanes.aheadParts;
    const flights: Flight[] = [];
    while (ahead > 0 && flights.length < BATCH_MAX) {
      const line = this.lanes.freest();
      const target = line === undefined ? undefined : waiting.shift();
      if (line === undefined || target === undefined) break;
      if (target.expiresAt <= at) {
        this.settleWaiting(target, expireTarget(target, at, this.#deps.rules.node));
        continue;
      }
      const flight = this.#beginFlight(line, target);
      flights.push(flight);
      ahead -= flight.parts;
    }
    return flights;
  }

  /**
   * Begins flights whose marks are written with their message, if one lane can use them all and the pace lets them go soon. Null
   * when not: then nothing has changed.
   */
  depart(targets: readonly OutboundTarget[], nowMs: number): Departure | null {
    const line = this.lanes.freest();
    if (line === undefined || targets.length > BATCH_MAX) return null;
    let parts = 0;
    for (const target of targets) parts += partsToSend(target);
    const ahead = this.#deps.pace.allowanceWithin(nowMs, PACE_AHEAD_MS) - this.lanes.aheadParts;
    if (parts > line.free || parts > ahead) return null;
    const flights = targets.map((target) => this.#beginFlight(line, target));
    const { bind, epoch } = line.lane;
    return {
      bind,
      epoch,
      leave: () => {
        this.#takeOff(flights, ({ target }) => timeOfId(target.messageId)); // its tmCreate, as the marks have it
        this.#deps.onProgress();
      },
      stay: () => {
        for (const flight of flights) line.withdraw(flight);
        this.#deps.onProgress();
      },
    };
  }

  /** Marks flights durably. When the store cannot, their targets wait again, and it throws. */
  async mark(flights: readonly Flight[]): Promise<void> {
    const { store, waiting, carrier, clock, rules, metrics } = this.#deps;
    const at = clock.now();
    const { node } = rules;
    const targets = flights.map(({ target }) => target);
    const marks = flights.map(({ target: { customerId, messageId, n }, line: { lane } }) => {
      const { bind, epoch } = lane;
      return { customerId, messageId, n, carrierId: carrier.id, node, bind, epoch, at };
    });
    let marked: readonly boolean[] | null = null;
    try {
      marked = await store.markInFlight(marks);
    } finally {
      if (marked === null) {
        for (const flight of flights) flight.line.withdraw(flight);
        waiting.putBack(targets);
      } else waiting.release(flights.length, charactersOf(targets));
    }
    const refused = flights.filter((_, index) => marked[index] !== true);
    for (const flight of refused) flight.line.withdraw(flight);
    if (refused.length > 0) metrics.count("msgbin_marks_refused_total", this.#labels, refused.length);
    this.#takeOff(
      flights.filter((_, index) => marked[index] === true),
      () => at,
    );
  }

  /** Nothing that is not with the carrier goes to a handset that opted out: store.markInFlight looked before it did. */
  optOut(optOut: OptOut): void {
    for (const flight of this.lanes.flights()) if (isEndedBy(optOut, flight.target)) flight.isOptedOut = true;
  }

  /** From now on nothing is sent any more: gives back what is marked, and what will be. */
  end(): void {
    this.#isEnding = true;
    for (const { line } of this.lanes.open) this.#giveBack(line.drain());
  }

  /** Resolves when every settlement of this carrier so far is committed; what other carriers settle is not waited for. */
  written(): Promise<void> {
    return this.#unwritten.idle();
  }

  /** Gives the store back what waits. */
  giveBackWaiting(): void {
    const { waiting, clock, rules } = this.#deps;
    const targets = waiting.drain();
    if (targets.length === 0) return;
    const at = clock.now();
    for (const target of targets) this.settleWaiting(target, releaseTarget(target, at, rules.node));
  }

  #beginFlight(line: LaneLine, target: OutboundTarget): Flight {
    const flight = new Flight(line, this.#sequence++, target, partsToSend(target));
    line.begin(flight);
    return flight;
  }

  /** Lines up flights whose marks are durable; those whose lane has gone meanwhile are given back. */
  #takeOff(durable: readonly Flight[], markedAt: (flight: Flight) => Micros): void {
    for (const flight of durable) flight.line.marked(flight, markedAt(flight));
    const stranded = durable.filter(({ line }) => this.#isEnding || !this.lanes.isOpen(line));
    for (const line of new Set(stranded.map((flight) => flight.line))) this.#giveBack(line.drain());
  }

  #sendOver({ line, room: roomNow }: OpenLane, at: Micros, nowMs: number): void {
    const { carrier, pace, rules } = this.#deps;
    const batch: Flight[] = [];
    let room = roomNow;
    let allowance = pace.allowance(nowMs);
    let parts = 0;
    while (room > 0 && allowance > 0) {
      const flight = line.next();
      if (flight === undefined) break;
      const { target } = flight;
      const instead = settledInstead(flight, at, rules);
      if (instead !== null) {
        this.#settle(flight, instead);
        continue;
      }
      room -= flight.parts;
      allowance -= flight.parts;
      parts += flight.parts;
      flight.isSubmitted = true;
      batch.push(flight);
      if (target.attempts === 0 && target.options.tmSchedule === undefined) this.#observeFirst(target, at);
    }
    if (batch.length === 0) return;
    pace.spend(parts, nowMs);
    carrier.submit(line.lane, batch, this.#answered);
  }

  #observeFirst({ messageId }: OutboundTarget, at: Micros): void {
    const seconds = (at - timeOfId(messageId)) / MICROS_PER_SECOND;
    this.#deps.metrics.observe("msgbin_accept_to_submit_seconds", Math.max(0, seconds), this.#labels);
  }

  readonly #answered = (flight: Flight, outcome: SubmitOutcome): void => {
    if (!flight.isSubmitted) throw new Error(`${this.#labels.carrier} settled a target twice`);
    flight.isSubmitted = false;
    this.#measure(outcome);
    const { clock, rules, pace, monotonicMs } = this.#deps;
    if (outcome.kind === "unsent") flight.line.restsUntilMs = monotonicMs() + LANE_REST_MS;
    if (outcome.kind === "later" && outcome.throttled) pace.throttle(monotonicMs(), outcome.retryAfterMs);
    const ruling = ruleOutcome(flight, outcome, clock.now(), rules);
    if (ruling.kind === "settle") {
      const hasLeft = outcome.kind === "unknown" && ruling.settlement.outcome === "rerouted";
      if (hasLeft) this.#deps.metrics.count("msgbin_failovers_total", this.#labels);
      this.#settle(flight, ruling.settlement);
    } else {
      flight.line.takeBack(flight, ruling.progress);
      if (this.#isEnding || !this.lanes.isOpen(flight.line)) this.#giveBack(flight.line.drain());
    }
    this.#deps.onProgress();
  };

  #measure(outcome: SubmitOutcome): void {
    const { metrics } = this.#deps;
    metrics.count("msgbin_attempts_total", { ...this.#labels, outcome: outcomeWord(outcome) });
    if (outcome.kind === "taken" || outcome.kind === "refused")
      metrics.observe("msgbin_submit_seconds", outcome.tookMs / 1_000, this.#labels);
  }

  #giveBack(flights: readonly Flight[]): void {
    if (flights.length === 0) return;
    const { clock, rules } = this.#deps;
    const at = clock.now();
    for (const flight of flights) this.#settle(flight, giveFlightBack(flight, at, rules));
  }

  #settle(flight: Flight, settlement: Settlement): void {
    this.#write(settlement, ({ kind }) => {
      flight.line.end(flight);
      if (kind === "stale") this.#deps.metrics.count("msgbin_settlements_stale_total", this.#labels);
    });
  }

  /** Settles a target that was never marked; its place in the waiting room is free when that is committed. */
  settleWaiting(target: OutboundTarget, settlement: Settlement): void {
    const characters = charactersOf([target]);
    this.#write(settlement, () => this.#deps.waiting.release(1, characters));
  }

  #write(settlement: Settlement, onCommitted: (result: SettlementResult) => void): void {
    this.#unwritten.begin();
    this.#deps.settling.add(settlement, (result) => {
      onCommitted(result);
      this.#unwritten.end();
      this.#deps.onProgress();
    });
  }
}

function outcomeWord(outcome: SubmitOutcome): string {
  if (outcome.kind === "later" && outcome.throttled) return "throttled";
  return outcome.kind === "refused" && outcome.unanswered !== undefined ? "unknown" : outcome.kind;
}
