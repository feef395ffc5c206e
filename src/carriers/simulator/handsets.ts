import type { InboundPart } from "../../domain/inbound.ts";
import { RecentMap } from "../recent-map.ts";
import { type Arrival, Handset, type HandsetMessage } from "./handset.ts";

/** Handsets that are kept with what they got; those that got nothing for the longest time are forgotten. */
export const HANDSET_LIMIT = 10_000;

/** What handsets bring about. */
export interface HandsetEvents {
  /** A handset answers by itself. */
  write(from: string, to: string, text: string): void;
  /** A handset got a message whole. */
  onMessage(number: string, message: HandsetMessage): void;
}

/** All telephones behind the message centre: every number is one. */
export class Handsets {
  readonly #byDigits = new RecentMap<string, Handset>(HANDSET_LIMIT);
  readonly #events: HandsetEvents;

  constructor(events: HandsetEvents) {
    this.#events = events;
  }

  /** The handset with this number, however it is written. */
  get(number: string): Handset {
    const digits = number.replaceAll(/\D/g, "");
    const known = this.#byDigits.get(digits);
    if (known !== undefined) return known;
    const handset = new Handset(digits);
    this.#byDigits.set(digits, handset);
    return handset;
  }

  /** Brings a part to its handset, which answers a whole PING by itself. */
  receive(part: InboundPart, isFlash: boolean, atMs: number): void {
    const handset = this.get(part.destination);
    const message = handset.receive({ part, isFlash, atMs } satisfies Arrival);
    if (message === null) return;
    this.#events.onMessage(handset.number, message);
    if (message.text.trim().toUpperCase() === "PING")
      this.#events.write(part.destination, part.source, "PONG");
  }
}
