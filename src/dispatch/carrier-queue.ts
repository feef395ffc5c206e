import type { Carrier, LaneLease } from "../carriers/carrier.ts";
import type { Clock } from "../domain/clock.ts";
import type { CarrierId, NodeId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { Metrics } from "../domain/metrics.ts";
import type { OptOut } from "../domain/opt-out.ts";
import type { Departure, OutboundTarget } from "../domain/outbound-target.ts";
import { UnderWay } from "../domain/under-way.ts";
import type { QueueStore } from "../store/queueing.ts";
import { Alarm } from "./alarm.ts";
import { charactersOf } from "./characters-of.ts";
import { Claims } from "./claims.ts";
import type { DispatchSettings } from "./dispatch-settings.ts";
import { Failover } from "./failover.ts";
import type { OutcomeRules } from "./flight-outcome.ts";
import { Flights } from "./flights.ts";
import { LaneSightings } from "./lane-sightings.ts";
import { Pace } from "./pace.ts";
import { recoverCarrier } from "./recovery.ts";
import type { Settling } from "./settling.ts";
import { releaseStrays, Strays } from "./strays.ts";
import type { WaitingRoom } from "./waiting-room.ts";

export interface CarrierQueueDependencies {
  readonly carrier: Carrier;
  readonly store: Pick<
    QueueStore,
    "claimTargets" | "claimReroutable" | "markInFlight" | "recoverTargets" | "leasedTargets" | "nextDueAt"
  >;
  readonly settling: Settling;
  readonly rules: Omit<OutcomeRules, "policy" | "carriersUp">;
  readonly settings: DispatchSettings;
  readonly clock: Clock;
  /** Milliseconds that never step (`performance.now()`), the same clock that leases end by. */
  readonly monotonicMs: () => number;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Carriers of which some node has a lane up. */
  readonly carriersUp: () => readonly CarrierId[];
  /** Where its targets wait; it may come from the queue that this one replaces. */
  readonly waiting: WaitingRoom;
}

type State = "recovering" | "working" | "paused" | "draining" | "stopped";

const MAY_BECOME: { readonly [state in State]: readonly State[] } = {
  recovering: ["working", "draining"],
  working: ["paused", "draining"],
  paused: ["working", "draining"],
  draining: ["stopped"],
  stopped: [],
};

/** One call runs while the next waits inside the store, so that every group commit finds something. */
const MARK_CALLS = 2;
const PAUSE_FIRST_MS = 100;
const PAUSE_LONGEST_MS = 5_000;

/**
 * What is done for one carrier: targets come in by hand-over or claim, are marked in flight, paced, sent, and settled.
 *
 *     recovering   Just added. What dead processes had of this carrier is not back in the queue yet, so nothing is taken.
 *       → working      recover() has taken everything back
 *     working      Takes, marks and sends.
 *       → paused       #pause(): the store could not claim or mark
 *     paused       Sends what is marked and settles what is answered; takes and marks nothing.
 *       → working      #resume(): the pause is over; the next one in a row is twice as long
 *     draining     From all of the above by stop(). Gives back what was not sent, waits for the answers to what was.
 *       → stopped      the carrier has settled everything, and it is written
 *     stopped      Gives back at once whatever still comes in.
 *
 * All work happens in turns. A turn looks at the lanes, sends what is marked, marks what waits, claims when little waits, and
 * sets one alarm for what only time will change. Whatever happens (targets handed over, an answer, room in a window, a commit,
 * a wake from the store) asks for a turn; all that is asked for in one tick of the event loop is one turn.
 */
export class CarrierQueue {
  readonly carrier: Carrier;
  readonly waiting: WaitingRoom;
  readonly sightings: LaneSightings;
  readonly #deps: CarrierQueueDependencies;
  readonly #pace: Pace;
  readonly #claims: Claims;
  readonly #flights: Flights;
  readonly #strays: Strays;
  readonly #failover: Failover;
  readonly #alarm: Alarm;
  /** Calls to the store that are under way. */
  readonly #calls = new UnderWay();
  #state: State = "recovering";
  #isTurnAsked = false;
  #markCalls = 0;
  #pauseMs = PAUSE_FIRST_MS;
  #pausedUntilMs = -Infinity;
  /** Bind slots that this node holds. */
  #held = 0;
  #stopped: Promise<void> | null = null;

  constructor(dependencies: CarrierQueueDependencies) {
    const { carrier, settings, waiting, monotonicMs } = dependencies;
    this.carrier = carrier;
    this.waiting = waiting;
    this.sightings = new LaneSightings(settings);
    this.#deps = dependencies;
    this.#pace = new Pace(carrier.perSecond, monotonicMs());
    this.#claims = new Claims({
      ...dependencies,
      carrierId: carrier.id,
      node: dependencies.rules.node,
      pollMs: settings.pollMs,
    });
    this.#flights = new Flights({
      ...dependencies,
      rules: {
        ...dependencies.rules,
        policy: carrier.onUnknownOutcome,
        carriersUp: dependencies.carriersUp,
      },
      pace: this.#pace,
      onProgress: () => this.askForTurn(),
    });
    this.#strays = new Strays({
      ...dependencies,
      carrierId: carrier.id,
      node: dependencies.rules.node,
      lookEveryMs: settings.strayLookMs,
      held: () => [
        ...this.waiting.targets(),
        ...this.#flights.lanes.targets(),
        ...dependencies.settling.targets(),
      ],
    });
    this.#failover = new Failover({
      ...dependencies,
      sightings: this.sightings,
      settle: (target, settlement) => this.#flights.settleWaiting(target, settlement),
    });
    this.#alarm = new Alarm(() => this.#turn());
  }

  /** See HandOver. Null too when something waits that these would overtake. */
  depart(targets: readonly OutboundTarget[]): Departure | null {
    if (!this.#mayTake || this.waiting.size > 0) return null;
    return this.#flights.depart(targets, this.#deps.monotonicMs());
  }

  /**
   * See HandOver. False too when no lane is up, when these would overtake what already waits in the store, or when the pace or
   * a trial would keep them here: in the store what is more urgent goes before them, and others may take them.
   */
  reserve(targets: readonly OutboundTarget[]): boolean {
    if (!this.#mayTake) return false;
    const { lanes } = this.#flights;
    const isHeldUp =
      !lanes.isTrusted || (this.#pace.isLimited && this.waiting.size + targets.length > lanes.supply);
    if (!isHeldUp && this.waiting.reserve(targets.length, charactersOf(targets))) return true;
    this.#claims.overflow();
    this.askForTurn();
    return false;
  }

  release(targets: readonly OutboundTarget[]): void {
    this.waiting.release(targets.length, charactersOf(targets));
  }

  deliver(targets: readonly OutboundTarget[]): void {
    this.waiting.enter(targets);
    if (this.#isEnding) this.#flights.giveBackWaiting();
    else this.askForTurn();
  }

  /** A handset wants to hear no more from a sender. */
  optOut(optOut: OptOut): void {
    this.#flights.optOut(optOut);
  }

  /** The store may have something due. */
  lookSoon(): void {
    this.#claims.ask();
    this.askForTurn();
  }

  /** Something changed that a turn should look at. */
  askForTurn(): void {
    if (this.#isTurnAsked || this.#state === "stopped") return;
    this.#isTurnAsked = true;
    setImmediate(() => {
      this.#isTurnAsked = false;
      this.#turn();
    });
  }

  /** Tells the carrier which slots are this node's; the pace is shared in proportion to them. */
  holdLeases(leases: readonly LaneLease[]): void {
    if (this.#isEnding) return;
    this.#held = leases.length;
    this.#pace.share = leases.length / this.carrier.slots;
    this.carrier.setLeases(leases);
    this.askForTurn();
  }

  /** Takes back what processes that no longer live had of this carrier. Throws when the store cannot. */
  async recover(liveNodes: readonly NodeId[]): Promise<void> {
    await recoverCarrier(this.#deps, liveNodes);
    if (this.#state === "recovering") this.#become("working");
    this.lookSoon();
  }

  /**
   * From time to time gives back what the store leases to this node and this node does not have, and takes back what it leases
   * to nodes that are no more: a claim of one that left may be committed after all others recovered. Heartbeats do not wait.
   */
  lookForStrays(liveNodes: readonly NodeId[]): void {
    if (this.#isEnding || !this.#strays.isDue) return;
    void this.#track(releaseStrays(this.#strays, this.carrier, this.#deps));
    void this.#track(this.recover(liveNodes).catch(() => {})); // the next look will
  }

  /**
   * Sends nothing new, waits for answers for at most `graceMs`, and for the store to write what became of everything. One that
   * stops already goes on as it does.
   */
  stop(graceMs: number): Promise<void> {
    return (this.#stopped ??= this.#drain(graceMs));
  }

  async #drain(graceMs: number): Promise<void> {
    this.#become("draining");
    this.#flights.end();
    this.#flights.giveBackWaiting();
    await this.carrier.stop(graceMs);
    await this.#calls.idle();
    this.#flights.giveBackWaiting();
    await this.#flights.written();
    this.#alarm.clear();
    this.#become("stopped");
    this.measure(); // nothing else will, under its name
  }

  /** Writes how things stand into the gauges. Of one that has stopped nothing waits: no carrier may have its name any more. */
  measure(): void {
    const { metrics } = this.#deps;
    const labels = { carrier: this.carrier.name };
    const isOver = this.#state === "stopped";
    metrics.gauge("msgbin_dispatch_waiting_targets", isOver ? 0 : this.waiting.size, labels);
    metrics.gauge("msgbin_dispatch_unsettled_targets", this.#flights.lanes.unsettled, labels);
    metrics.gauge("msgbin_carrier_slowed", isOver ? null : Number(this.#pace.isSlowed), labels);
  }

  get #mayTake(): boolean {
    return this.#state === "working" && this.#flights.lanes.open.length > 0 && !this.#claims.isBehind;
  }

  get #isEnding(): boolean {
    return this.#state === "draining" || this.#state === "stopped";
  }

  #become(next: State): void {
    if (!MAY_BECOME[this.#state].includes(next))
      throw new Error(`the queue of ${this.carrier.name} is ${this.#state} and cannot become ${next}`);
    this.#state = next;
  }

  #turn(): void {
    const nowMs = this.#deps.monotonicMs();
    switch (this.#state) {
      case "stopped":
        return;
      case "recovering": // there is nothing to send yet
      case "draining": // what could be sent was given back; only answers are waited for
        this.#meetLanes(nowMs);
        return;
      case "paused":
        this.#meetLanes(nowMs);
        this.#flights.send(nowMs);
        if (nowMs >= this.#pausedUntilMs) this.#resume();
        break;
      case "working":
        this.#meetLanes(nowMs);
        this.#flights.send(nowMs);
        this.#mark(nowMs);
        this.#claim(nowMs);
        this.#leaveWithoutLanes(nowMs);
        this.#failOver(nowMs);
        break;
      default:
        throw new Error("a queue is in no known state", { cause: this.#state satisfies never });
    }
    this.#setAlarm(nowMs);
  }

  #meetLanes(nowMs: number): void {
    this.#flights.meetLanes();
    const lanes = this.#flights.lanes.seen(this.waiting.size > 0);
    this.sightings.see({ lanes, isHolding: this.#held > 0 }, nowMs);
  }

  #mark(nowMs: number): void {
    if (this.#markCalls >= MARK_CALLS) return;
    const flights = this.#flights.begin(nowMs);
    if (flights.length === 0) return;
    this.#markCalls++;
    this.#call(this.#flights.mark(flights).finally(() => this.#markCalls--));
  }

  #claim(nowMs: number): void {
    const { lanes } = this.#flights;
    // On trial nothing is claimed ahead: what waited here would have to be given back, so that others may take it.
    const limit = Math.min(lanes.trialRoom - this.waiting.size, this.#claims.wanted(lanes.supply, nowMs));
    if (limit > 0) this.#call(this.#claims.claim(limit, nowMs));
  }

  #call(call: Promise<void>): void {
    void this.#track(this.#follow(call));
  }

  /** @param call must not reject */
  async #track(call: Promise<void>): Promise<void> {
    this.#calls.begin();
    await call;
    this.#calls.end();
  }

  /** A turn when the store has done it, a pause when it could not. */
  async #follow(call: Promise<void>): Promise<void> {
    try {
      await call;
    } catch (error) {
      this.#pause(error);
      return;
    }
    this.#pauseMs = PAUSE_FIRST_MS;
    this.#turn();
  }

  #pause(error: unknown): void {
    const { monotonicMs, metrics, logger } = this.#deps;
    if (this.#state !== "working") return;
    this.#become("paused");
    this.#pausedUntilMs = monotonicMs() + this.#pauseMs;
    metrics.count("msgbin_store_pauses_total");
    const fields = { carrier: this.carrier.name, pauseMs: this.#pauseMs, error: String(error) };
    logger.warn(fields, "the store cannot be written; dispatching pauses");
    this.#pauseMs = Math.min(PAUSE_LONGEST_MS, this.#pauseMs * 2);
    this.askForTurn();
  }

  #resume(): void {
    this.#become("working");
    this.askForTurn();
  }

  /** Without a lane for long, what waits goes back to the store, where it can be canceled, expire, or be sent by others. */
  #leaveWithoutLanes(nowMs: number): void {
    if (nowMs >= this.#giveBackFromMs(nowMs)) this.#flights.giveBackWaiting();
  }

  /** Infinity while a lane is up, or nothing waits but what lanes on trial can use at once. */
  #giveBackFromMs(nowMs: number): number {
    if (this.waiting.size <= this.#flights.lanes.trialRoom) return Infinity;
    return this.sightings.lastHereMs(nowMs) + this.#deps.settings.laneWaitMs;
  }

  #failOver(nowMs: number): void {
    if (nowMs >= this.#failover.nextLookMs) this.#call(this.#failover.look(nowMs));
  }

  /** Only what time alone changes: a window that is full, for one, is opened by an answer, which asks for a turn. */
  #setAlarm(nowMs: number): void {
    const { lanes } = this.#flights;
    if (this.#state === "paused") this.#alarm.set(this.#pausedUntilMs, nowMs);
    if (!lanes.isTrusted && this.#state === "working") {
      this.#alarm.set(this.#giveBackFromMs(nowMs), nowMs);
      this.#alarm.set(this.#failover.nextLookMs, nowMs);
    }
    if (lanes.open.length === 0) return;
    if (this.#claims.nextLookMs > nowMs) this.#alarm.set(this.#claims.nextLookMs, nowMs);
    if (!lanes.isReady) return;
    if (this.#pace.allowance(nowMs) === 0) this.#alarm.set(this.#pace.nextAtMs(nowMs), nowMs);
    for (const { line } of lanes.open)
      if (line.restsUntilMs > nowMs) this.#alarm.set(line.restsUntilMs, nowMs);
  }
}
