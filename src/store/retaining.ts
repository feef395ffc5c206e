import type { NodeId } from "../domain/ids.ts";
import type { Micros } from "../domain/micros.ts";
import type { RetentionDefault } from "../domain/retention.ts";

/** One bounded step through the customers' old messages. */
export interface RetentionRequest {
  readonly node: NodeId;
  readonly now: Micros;
  /** No other node sweeps before this. */
  readonly leaseUntil: Micros;
  readonly fallback: RetentionDefault;
  /** Where the step before ended (`next`); null to begin. */
  readonly from: string | null;
  /** Messages that are looked at, at most. */
  readonly limit: number;
}

/** What a step did. */
export interface RetentionStep {
  readonly kind: "swept";
  /** Messages that are gone, with everything that was kept of them. */
  readonly removed: number;
  /** Messages that lost their text, data and media. */
  readonly emptied: number;
  /** Old messages that stay for now, because they are not over. */
  readonly heldBack: number;
  /** Parts of the archive that went as a whole, by name. */
  readonly dropped: readonly string[];
  /** Where to go on; null at the end. */
  readonly next: string | null;
}

/** `elsewhere`: another node is at it. */
export type RetentionOutcome = RetentionStep | { readonly kind: "elsewhere" };

/**
 * A sent target whose receipt never came, or that awaits none, is over when nothing changed it for this long: the wait for
 * a receipt (72 hours) and the time after it in which a late one still counts (7 days).
 */
export const QUIET_MICROS = 10 * 86_400_000_000;

export interface RetentionStore {
  /**
   * Takes away what customers do not keep any longer. A message goes when all its targets are over and nothing of it waits:
   * no queue row, no receipt that could still move it, no delivery. Its content goes when nothing of it is left to be sent
   * or delivered; where a number was erased from it (erasing.ts), as soon as nothing of it is left to be sent, whatever
   * the customer keeps. What is done is durable step by step; `from` only spares looking again.
   */
  sweepRetention(request: RetentionRequest): Promise<RetentionOutcome>;
}
