import type { InboundPart } from "../../domain/inbound.ts";

/** A message that a handset shows. */
export interface HandsetMessage {
  readonly from: string;
  readonly text: string;
  /** Hex, for binary messages. */
  readonly data: string;
  readonly encoding: InboundPart["encoding"];
  readonly isFlash: boolean;
  readonly parts: number;
  readonly atMs: number;
}

/** Messages that a handset keeps; older ones are dropped. */
export const INBOX_LIMIT = 1_000;
/** Messages of which parts are missing that a handset keeps. */
export const INCOMPLETE_LIMIT = 100;

interface Incomplete {
  readonly parts: (Arrival | undefined)[];
  missing: number;
}

/** One part as it came. */
export interface Arrival {
  readonly part: InboundPart;
  readonly isFlash: boolean;
  readonly atMs: number;
}

/** A telephone that receives: joins parts in whatever order they come and keeps what it got. */
export class Handset {
  readonly number: string;
  readonly #inbox: HandsetMessage[] = [];
  readonly #incomplete = new Map<string, Incomplete>();

  constructor(number: string) {
    this.number = number;
  }

  /** What it got, the oldest first. */
  get inbox(): readonly HandsetMessage[] {
    return this.#inbox;
  }

  /** Messages of which parts are still missing. */
  get incomplete(): number {
    return this.#incomplete.size;
  }

  /** Takes a part; answers the message when it is whole. */
  receive(arrival: Arrival): HandsetMessage | null {
    const { concatenation } = arrival.part;
    if (concatenation === null || concatenation.total === 1) return this.#show([arrival]);
    const name = `${arrival.part.source}/${concatenation.reference}/${concatenation.total}`;
    const incomplete = this.#incomplete.get(name) ?? this.#begin(name, concatenation.total);
    const index = concatenation.sequence - 1;
    if (incomplete.parts[index] !== undefined) return null;
    incomplete.parts[index] = arrival;
    incomplete.missing--;
    if (incomplete.missing > 0) return null;
    this.#incomplete.delete(name);
    return this.#show(incomplete.parts.filter((part) => part !== undefined));
  }

  #begin(name: string, total: number): Incomplete {
    const incomplete = { parts: Array.from<Arrival | undefined>({ length: total }), missing: total };
    this.#incomplete.set(name, incomplete);
    if (this.#incomplete.size > INCOMPLETE_LIMIT) {
      const [oldest] = this.#incomplete.keys();
      if (oldest !== undefined) this.#incomplete.delete(oldest);
    }
    return incomplete;
  }

  #show(arrivals: readonly Arrival[]): HandsetMessage | null {
    const [first] = arrivals;
    if (first === undefined) return null;
    const message = {
      from: first.part.source,
      text: arrivals.map(({ part }) => part.text).join(""),
      data: arrivals.map(({ part }) => part.data).join(""),
      encoding: first.part.encoding,
      isFlash: first.isFlash,
      parts: arrivals.length,
      atMs: first.atMs,
    };
    this.#inbox.push(message);
    if (this.#inbox.length > INBOX_LIMIT) this.#inbox.shift();
    return message;
  }
}
