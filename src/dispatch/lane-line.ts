import type { Lane } from "../carriers/carrier.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { TrailEntry } from "../domain/trail.ts";
import { Fifo } from "./fifo.ts";

/** One target on its way over one lane, from the request to mark it until its settlement is committed. */
export interface Flight {
  readonly line: LaneLine;
  /** Flights leave in this order, also those that were throttled. */
  readonly sequence: number;
  readonly target: OutboundTarget;
  /** Parts that are still to be taken, and room in the lane's window that it will use. */
  readonly parts: number;
  /** What the carrier said before in this flight and is not stored yet: it throttled. */
  readonly receiptKeys: readonly (string | null)[];
  readonly trail: readonly TrailEntry[];
}

/**
 * The least that may be marked beyond the window: keeps a bind with a window of 1 busy while marks and settlements are being
 * committed (5 ms each at 5,000 answers a second).
 */
const AHEAD_MIN = 64;

/**
 * What is marked for one lane. To keep the window full while commits are under way, more is marked than fits into it: at most
 * one window (64 parts for a small one) more, counting what the carrier has answered until that is committed. After a crash
 * that is what is of unknown outcome.
 */
export class LaneLine {
  readonly lane: Lane;
  /** Nothing leaves before this: the lane was gone a moment ago. */
  restsUntilMs = -Infinity;
  #windowSize = 0;
  #unsettledParts = 0;
  /** From the request to mark each until its settlement is committed. */
  readonly #unsettled = new Set<Flight>();
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
    return this.#windowSize + Math.max(this.#windowSize, AHEAD_MIN);
  }

  /** Parts that may still be marked for it. */
  get free(): number {
    return this.supply - this.#unsettledParts;
  }

  /** Targets that are marked, or being marked, and whose settlement is not committed. */
  get unsettled(): number {
    return this.#unsettled.size;
  }

  /** Those targets. */
  *targets(): IterableIterator<OutboundTarget> {
    for (const { target } of this.#unsettled) yield target;
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
    this.#unsettled.add(flight);
    this.#unsettledParts += flight.parts;
    this.#aheadParts += flight.parts;
  }

  /** The mark is durable. */
  marked(flight: Flight): void {
    this.#ready.push(flight);
  }

  /** The next one to hand to the carrier; those that were throttled first, so that they keep their place. */
  next(): Flight | undefined {
    const flight = this.#again.shift() ?? this.#ready.shift();
    if (flight !== undefined) this.#aheadParts -= flight.parts;
    return flight;
  }

  /** Takes a throttled one back. `parts` may be fewer than before. */
  takeBack(before: Flight, flight: Flight): void {
    this.#unsettled.delete(before);
    this.#unsettled.add(flight);
    this.#unsettledParts -= before.parts - flight.parts;
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
    this.#unsettled.delete(flight);
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
