import type { CustomerId, MessageId } from "../domain/ids.ts";
import type { Micros } from "../domain/micros.ts";
import type { Receipt } from "../domain/receipt.ts";
import type { TargetStatus } from "../domain/target-status.ts";

/** What became of a receipt; every one of these may be acknowledged to the carrier, for it is committed. */
export type ReceiptOutcome =
  /** It moved its target on. */
  | {
      readonly kind: "applied";
      readonly customerId: CustomerId;
      readonly messageId: MessageId;
      readonly status: TargetStatus;
      readonly sentAt: Micros;
    }
  /**
   * Known target, nothing to move: intermediate, repeated, late, one part of several, or of a carrier that the target has
   * left. It is on the trail.
   */
  | { readonly kind: "noted" }
  /** Not matched yet: kept until its response comes or it expires. */
  | { readonly kind: "parked" };

export interface ExpiryRequest {
  readonly now: Micros;
  /** At most this many rows of each kind a call; call again while `more`. */
  readonly limit: number;
}

export interface ExpiryResult {
  /** Targets whose validity ended in the queue. */
  readonly gwTimeouts: number;
  /** Targets whose receipt never came. */
  readonly dlrTimeouts: number;
  /** Receipts that never found a target. */
  readonly unmatchedReceipts: number;
  readonly idempotencyKeys: number;
  readonly more: boolean;
}

export interface ReceiptStore {
  /** Applies receipts in order (P4: forward only), rolls parts up, and parks what matches nothing yet. */
  applyReceipts(receipts: readonly Receipt[]): Promise<readonly ReceiptOutcome[]>;
  /** Ends what has run out of time, with its events. */
  expire(request: ExpiryRequest): Promise<ExpiryResult>;
}
