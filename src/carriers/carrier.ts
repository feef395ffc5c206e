import type { Failure } from "../domain/failure.ts";
import type { CarrierId } from "../domain/ids.ts";
import type { InboundPart } from "../domain/inbound.ts";
import type { OutboundTarget, PartStates } from "../domain/outbound-target.ts";
import type { Receipt } from "../domain/receipt.ts";
import type { UnknownOutcomePolicy } from "../domain/unknown-outcome.ts";

/** What is known of a target's parts when one of them was written and no answer came; `partStates` holds what was answered for. */
export interface UnansweredParts {
  readonly partStates: PartStates;
  readonly receiptKeys: readonly (string | null)[];
  readonly words: string;
}

/** How one attempt at a carrier ended. */
export type SubmitOutcome =
  /**
   * Every part was taken; `receiptKeys[part]` is the canonical key of its receipt, null when none will come. Parts that one
   * receipt speaks for have the same key.
   */
  | {
      readonly kind: "taken";
      readonly receiptKeys: readonly (string | null)[];
      readonly tookMs: number;
      readonly words: string;
    }
  /**
   * Refused for good: this carrier will never take it; another may if `elsewhere`. Of a part that was not answered for, nobody
   * can know all the same: `unanswered` tells that there was one.
   */
  | {
      readonly kind: "refused";
      readonly failure: Failure;
      readonly elsewhere: boolean;
      readonly unanswered?: UnansweredParts;
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
  /** Written, and no answer came: nobody can know. */
  | (UnansweredParts & { readonly kind: "unknown" })
  /** Not one byte of it was written. */
  | { readonly kind: "unsent"; readonly words: string };

/** A place at the carrier over which targets leave: a bind slot under one lease, or the one slot of an HTTP carrier. */
export interface Lane {
  /** The slot, from 0. */
  readonly bind: number;
  readonly epoch: number;
}

/** The right to send over a slot (design: leases). */
export interface LaneLease extends Lane {
  /**
   * When the right ends, on the process's monotonic clock in milliseconds (`performance.now()`), margin already taken off.
   * Checked in the same tick as each write: a process that was stopped and wakes late must not send.
   */
  readonly deadlineMs: number;
}

/** A target that a carrier is given to send; it is settled with the same object. */
export interface Submission {
  readonly target: OutboundTarget;
}

/** A lane that is up, as it is now. */
export interface LaneState extends Lane {
  /** How many parts may be unanswered at once; at least 1. */
  readonly windowSize: number;
  /** How many parts could be written right now: the window less what is unanswered and what waits inside the lane. */
  readonly room: number;
  /** Nothing was answered of what was last sent over it: until something is, it takes one target at a time. */
  readonly isOnTrial: boolean;
}

/** What a carrier tells the rest; each promise resolves after the commit, and only then does the carrier acknowledge. */
export interface CarrierEvents {
  onReceipts(receipts: readonly Receipt[]): Promise<void>;
  onInbound(parts: readonly InboundPart[]): Promise<void>;
  /** There is room again, or a lane came or went: the dispatcher looks at `lanes()` soon after, so calls may be many. */
  onRoom(): void;
}

/** How a carrier is doing, for operators. */
export interface CarrierHealth {
  /** `silent`: what is up of it is on trial. */
  readonly state: "connecting" | "up" | "throttled" | "silent" | "down" | "stopped";
  /** In words, the latest reason for `down` or `silent`: names no secret. */
  readonly detail: string;
  /**
   * It holds slots, and at none of them did the latest attempt reach the carrier: another node may be able to. False where it
   * answered, were it to refuse: there more attempts from elsewhere may lock the account.
   */
  readonly isUnreachable: boolean;
  /**
   * It holds slots, and each that did reach the carrier at its latest attempt was told that the bind failed, and not that the
   * account or password is wrong: it may be this node's address alone that the carrier does not want.
   */
  readonly isTurnedAway: boolean;
  readonly lanes: number;
  readonly windowUsed: number;
  readonly windowSize: number;
}

/** One carrier account at work. The dispatcher decides what to send and when; the carrier knows how. */
export interface Carrier {
  readonly id: CarrierId;
  readonly name: string;
  readonly onUnknownOutcome: UnknownOutcomePolicy;
  /** Parts a second over all lanes of all nodes, which the dispatcher keeps to; null without a limit. */
  readonly perSecond: number | null;
  /** How many bind slots the account has, over all nodes; 1 where the protocol has no binds. */
  readonly slots: number;
  /** It connects nothing before `setLeases` gives it a slot. */
  start(events: CarrierEvents): void;
  /**
   * The slots it may use from now on, all of them at each call. A new slot is connected; one that is renewed (same bind and
   * epoch) just gets its later deadline; one that is missing, or comes with another epoch, stops at once: what was not written
   * is settled as `unsent`, and the bind is given up when its window is answered, or after some seconds, for another node waits
   * for the slot: what is not answered by then is of unknown outcome.
   */
  setLeases(leases: readonly LaneLease[]): void;
  /**
   * The lanes that are up and whose deadline has not passed, full ones too; read at every turn of the dispatcher, so cheap.
   * A lane is missing from it before the first of its targets is settled as `unsent`.
   */
  lanes(): readonly LaneState[];
  /**
   * Sends targets that are marked in flight for `lane`, in order. The dispatcher keeps to the lane's room, save that the last
   * target may have more parts than are left: the rest waits inside the lane and goes before anything that is submitted
   * later. `settle` is called once for each target, in any order, during the call or after it. A lane that is gone, or whose
   * deadline has passed, answers `unsent`. Parts that `partStates` says are taken are not sent again.
   */
  submit<Each extends Submission>(
    lane: Lane,
    submissions: readonly Each[],
    settle: (submission: Each, outcome: SubmitOutcome) => void,
  ): void;
  health(): CarrierHealth;
  /** Stops taking targets, waits for what is in flight for at most `graceMs`, unbinds, and settles the rest as unknown. */
  stop(graceMs: number): Promise<void>;
}
