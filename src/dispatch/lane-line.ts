import type { Lane } from "../carriers/carrier.ts";
import type { Micros } from "../domain/micros.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { TrailEntry } from "../domain/trail.ts";
import { Fifo } from "./fifo.ts";

/** What a carrier that throttles changes of a flight. */
export interface Progress {
  target: OutboundTarget;
  /** Parts that are still to be taken, and room in the lane's window that it will use. */
  parts: number;
  /** What the carrier said before in this flight and is not stored yet: it throttled. */
  receiptKeys: readonly (string | null)[];
  trail: readonly TrailEntry[];
  /** How often it did so. */
  throttles: number;
}

/** One target on its way over one lane, from the request to mark it until its settlement is committed. */
export class Flight implements Progress {
  readonly line: LaneLine;
  /** Flights leave in this order, also those that were throttled. */
  readonly sequence: number;
  target: OutboundTarget;
  parts: number;
  receiptKeys: readonly (string | null)[] = [];
  trail: readonly TrailEntry[] = [];
  throttles = 0;
  /** The time of its mark; null until that is durable. */
  markedAt: Micros | null = null;
  /** Whether the carrier has it. */
  isSubmitted = false;
  /** Whether its handset has opted out of its sender since: it is not handed to the carrier any more. */
  isOptedOut = false;
  /** Its neighbours among the unsettled of its line. */
  older: Flight | null = null;
  newer: Flight | null = null;

  constructor(line: LaneLine, sequence: number, target: OutboundTarget, parts: number) {
    this.line = line;
    this.sequence = sequence;
    this.target = target;
    this.parts = parts;
  }
}

/**
 * The least that may be marked beyond the window: keeps a bind with a window of 1 busy while marks and settlements are being
 * committed (5 ms each at 5,000 answers a second).
 */
const AHEAD_MIN = 64;

/**
 * What is marked for one lane. To keep the window full while commits are under way, more is marked than fits into it: at most
 * one window (64 parts for a small one) more, counting what the carrier has answered until that is committed. After a crash
 * that is what is of unknown outcome. On trial nothing is marked ahead: it would wait there for as long as the carrier is silent.
 */
export class LaneLine {
  readonly lane: Lane;
  /** Nothing leaves before this: the lane was gone a moment ago. */
  restsUntilMs = -Infinity;
  isOnTrial = false;
  #windowSize = 0;
  #unsettledParts = 0;
  /**
   * From the request to mark each until its settlement is committed, linked both ways: not a Set, see
   * docs/decisions/0016-what-is-on-its-way-stays-young.md.
   */
  #oldest: Flight | null = null;
  #newest: Flight | null = null;
  #unsettled = 0;
  #aheadParts = 0;
  readonly #ready = new Fifo<Flight>();
  #again: Flight[] = [];

  constructor(lane: Lane) {
    this.lane = lane;
  }

  set windowSize(parts: number) {
    this.#windowSize = parts;
  }

  /** Parts that the lane can use at once: its window and what may be marked ahead. */
  get supply(): number {
    return this.#windowSize + (this.isOnTrial ? 0 : Math.max(this.#windowSize, AHEAD_MIN));
  }

  /** Parts that may still be marked for it. */
  get free(): number {
    return this.supply - this.#unsettledParts;
  }

  /** Targets that are marked, or being marked, and whose settlement is not committed. */
  get unsettled(): number {
    return this.#unsettled;
  }

  /** Their flights. */
  *flights(): IterableIterator<Flight> {
    for (let flight = this.#oldest; flight !== null; flight = flight.newer) yield flight;
  }

  /** Parts that are marked, or being marked, and were not handed to the carrier yet. */
  get aheadParts(): number {
    return this.#aheadParts;
  }

  /** Whether anything could be handed to the carrier. */
  get isReady(): boolean {
    return this.#again.length > 0 || this.#ready.size > 0;
  }

  /** A mark for it was asked for. */
  begin(flight: Flight): void {
    flight.older = this.#newest;
    if (this.#newest === null) this.#oldest = flight;
    else this.#newest.newer = flight;
    this.#newest = flight;
    this.#unsettled++;
    this.#unsettledParts += flight.parts;
    this.#aheadParts += flight.parts;
  }

  /** The mark is durable. */
  marked(flight: Flight, at: Micros): void {
    flight.markedAt = at;
    this.#ready.push(flight);
  }

  /** The next one to hand to the carrier; those that were throttled first, so that they keep their place. */
  next(): Flight | undefined {
    const flight = this.#again.shift() ?? this.#ready.shift();
    if (flight !== undefined) this.#aheadParts -= flight.parts;
    return flight;
  }

  /** Takes a throttled one back. Its parts may be fewer than before. */
  takeBack(flight: Flight, progress: Progress): void {
    this.#unsettledParts -= flight.parts - progress.parts;
    Object.assign(flight, progress);
    this.#aheadParts += flight.parts;
    let place = this.#again.length;
    while (place > 0 && (this.#again[place - 1]?.sequence ?? 0) > flight.sequence) place--;
    this.#again.splice(place, 0, flight);
  }

  /** It was not marked. */
  withdraw(flight: Flight): void {
    this.#aheadParts -= flight.parts;
    this.end(flight);
  }

  /** Its settlement is committed. */
  end(flight: Flight): void {
    const { older, newer } = flight;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    flight.older = flight.newer = null;
    this.#unsettled--;
    this.#unsettledParts -= flight.parts;
  }

  /** Takes out all that are marked and were not handed to the carrier. */
  drain(): readonly Flight[] {
    const flights = [...this.#again, ...this.#ready.drain()];
    this.#again = [];
    for (const flight of flights) this.#aheadParts -= flight.parts;
    return flights;
  }
}
