import type { Failure } from "./failure.ts";
import type { CarrierId } from "./ids.ts";
import type { Micros } from "./micros.ts";

/**
 * What a receipt says of one part. `accepted` and `enroute` are intermediate; `unknown` is the carrier's final word that
 * it does not know: it is noted on the timeline, and the receipt deadline decides.
 */
export type ReceiptState = "delivered" | "failed" | "expired" | "accepted" | "enroute" | "unknown";

/** A carrier's delivery report, free of its dialect. */
export interface Receipt {
  readonly carrierId: CarrierId;
  /** The carrier's message id in canonical spellings (see receipts/), most likely first; the first that is known wins. */
  readonly keys: readonly string[];
  /** The handset's number as the carrier wrote it, digits only; empty when the receipt does not tell. Guards against reused ids. */
  readonly destination: string;
  readonly state: ReceiptState;
  readonly failure: Failure | null;
  /** When it reached us. */
  readonly at: Micros;
  /** The carrier's own words for the timeline, at most 300 characters; holds no message text. */
  readonly words: string;
}
