import type { CarrierId, CustomerId } from "./ids.ts";

/** What one part of a handset's message says. */
export interface InboundContent {
  readonly encoding: "gsm7" | "ucs2" | "latin1" | "binary";
  /** Decoded text; empty for binary. */
  readonly text: string;
  /** Hex, for binary only. */
  readonly data: string;
  /** Hex of UDH elements other than concatenation; empty when there are none. */
  readonly udh: string;
}

/** Stands for the customer of messages to numbers that nobody owns: kept for the operator, announced to nobody. */
export const UNOWNED = "00000000-0000-0000-0000-000000000000" as CustomerId;

/** What a handset sent, one part, as the carrier handed it over. */
export interface InboundPart extends InboundContent {
  readonly carrierId: CarrierId;
  /** The handset, normalised: with a plus when the carrier says that it is international. */
  readonly source: string;
  /** Our number, as the carrier wrote it. */
  readonly destination: string;
  readonly concatenation: {
    readonly reference: number;
    readonly total: number;
    readonly sequence: number;
  } | null;
  /** The carrier's own id of the message, by which a repeat is known; null where the protocol has none (SMPP). */
  readonly transportId: string | null;
}
