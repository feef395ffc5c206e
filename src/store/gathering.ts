import type { CarrierId, EventId } from "../domain/ids.ts";
import type { InboundContent } from "../domain/inbound.ts";
import type { Message } from "../domain/message.ts";
import type { Micros } from "../domain/micros.ts";

/** Names the parts that belong together: what two handsets or two carriers send at once never mixes. */
export interface GatheringKey {
  readonly carrierId: CarrierId;
  /** The handset. */
  readonly source: string;
  /** Our number. */
  readonly destination: string;
  readonly reference: number;
  readonly total: number;
}

export interface KeptPart extends GatheringKey {
  /** From 1. */
  readonly sequence: number;
  readonly content: InboundContent;
  readonly at: Micros;
}

/** The parts of one message that have come so far, in order of their sequence. */
export interface Gathering extends GatheringKey {
  readonly parts: readonly { readonly sequence: number; readonly content: InboundContent }[];
  readonly firstAt: Micros;
}

/** A whole inbound message, to be stored under the number's owner or, with UNOWNED as customer, for the operator. */
export interface Reception {
  /** Direction inbound, its targets `received`. */
  readonly message: Message;
  readonly eventId: EventId;
  /** The carrier's own id of the message, by which a repeat is known; null when the protocol has none (SMPP). */
  readonly transportId: { readonly carrierId: CarrierId; readonly id: string } | null;
  /** The gathering it was put together from, as it was read: its parts go in the same commit. */
  readonly gathering: Gathering | null;
}

export type ReceptionOutcome =
  | { readonly kind: "received" }
  /**
   * The same transport id was received before, or the gathering was taken already or is another one by now, with more parts
   * or under a new reference: nothing was written. What still waits is found again.
   */
  | { readonly kind: "repeated" };

export interface InboundStore {
  /**
   * Keeps parts; a repeated one changes nothing, also for 10 minutes after its message was put together. One with other words
   * than the part that is there begins another message: the gathering that waits makes way for it (displaced-gatherings.ts).
   * Answers the gatherings that these parts made complete: whoever gets one stores it by `receiveMessages`.
   */
  keepParts(parts: readonly KeptPart[]): Promise<readonly Gathering[]>;
  /** Gatherings whose first part came before `firstBefore`, and complete ones that a crash left behind; at most `limit`. */
  findGatherings(firstBefore: Micros, limit: number): Promise<readonly Gathering[]>;
  receiveMessages(entries: readonly Reception[]): Promise<readonly ReceptionOutcome[]>;
}
