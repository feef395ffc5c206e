import type { Failure } from "../domain/failure.ts";
import type { CarrierId } from "../domain/ids.ts";
import type { InboundPart } from "../domain/inbound.ts";
import type { OutboundTarget, PartStates } from "../domain/outbound-target.ts";
import type { Receipt } from "../domain/receipt.ts";
import type { UnknownOutcomePolicy } from "../domain/unknown-outcome.ts";

/** How one attempt at a carrier ended. */
export type SubmitOutcome =
  /** Every part was taken; `receiptKeys[part]` is the canonical key of its receipt, null when none will come. */
  | {
      readonly kind: "taken";
      readonly receiptKeys: readonly (string | null)[];
      readonly tookMs: number;
      readonly words: string;
    }
  /** Refused for good: this carrier will never take it; another may if `elsewhere`. */
  | {
      readonly kind: "refused";
      readonly failure: Failure;
      readonly elsewhere: boolean;
      readonly tookMs: number;
      readonly words: string;
    }
  /** Refused for now. Parts taken so far are in `partStates`, their keys in `receiptKeys`. `throttled` does not count as a failure. */
  | {
      readonly kind: "later";
      readonly throttled: boolean;
      readonly retryAfterMs: number | null;
      readonly partStates: PartStates;
      readonly receiptKeys: readonly (string | null)[];
      readonly words: string;
    }
  /** Written, and no answer came: nobody can know. `partStates` holds what was answered for before. */
  | {
      readonly kind: "unknown";
      readonly partStates: PartStates;
      readonly receiptKeys: readonly (string | null)[];
      readonly words: string;
    }
  /** Not one byte of it was written. */
  | { readonly kind: "unsent"; readonly words: string };

/** A place at the carrier over which targets leave: a bind slot with its lease, or the one lane of an HTTP carrier. */
export interface Lane {
  readonly bind: number;
  readonly epoch: number;
}

/** What a carrier tells the rest; each promise resolves after the commit, and only then does the carrier acknowledge. */
export interface CarrierEvents {
  onReceipts(receipts: readonly Receipt[]): Promise<void>;
  onInbound(parts: readonly InboundPart[]): Promise<void>;
  /** There is room again, or a lane came up: the dispatcher may submit. */
  onRoom(): void;
}

/** How a carrier is doing, for operators. */
export interface CarrierHealth {
  readonly state: "connecting" | "up" | "throttled" | "down" | "stopped";
  /** In words, the latest reason for `down`: names no secret. */
  readonly detail: string;
  readonly lanes: number;
  readonly windowUsed: number;
  readonly windowSize: number;
}

/** One carrier account at work. The dispatcher decides what to send and when; the carrier knows how. */
export interface Carrier {
  readonly id: CarrierId;
  readonly name: string;
  readonly onUnknownOutcome: UnknownOutcomePolicy;
  /** Targets a second over all lanes; null without a limit. */
  readonly perSecond: number | null;
  start(events: CarrierEvents): void;
  /** How many parts could be written at once now; 0 while it is down. */
  room(): number;
  /** The lane the next targets will leave by; null while there is none. */
  lane(): Lane | null;
  /**
   * Sends targets that are marked in flight for `lane`, in order; `settle` is called once for each, in any order. A lane that
   * is gone answers `unsent`.
   */
  submit(
    lane: Lane,
    targets: readonly OutboundTarget[],
    settle: (target: OutboundTarget, outcome: SubmitOutcome) => void,
  ): void;
  health(): CarrierHealth;
  /** Stops taking targets, waits for what is in flight up to the deadline, unbinds, and settles the rest as unknown. */
  stop(deadlineMs: number): Promise<void>;
}
