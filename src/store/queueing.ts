import type { CarrierId, MessageId, NodeId } from "../domain/ids.ts";
import type { Priority, TargetKey } from "../domain/message.ts";
import type { Micros } from "../domain/micros.ts";
import type { OutboundTarget, PartStates } from "../domain/outbound-target.ts";
import type { Failure } from "../domain/failure.ts";
import type { TargetStatus } from "../domain/target-status.ts";
import type { TrailEntry } from "../domain/trail.ts";
import type { UnknownOutcomePolicy } from "../domain/unknown-outcome.ts";

/** What the texts and options of one claim hold at most: some megabytes, which a thread message can carry. */
export const CLAIM_MAX_CHARACTERS = 4_000_000;

/** Claims always name their carrier, so that they stay on one shard and scan one range. */
export interface ClaimRequest {
  readonly carrierId: CarrierId;
  readonly node: NodeId;
  readonly now: Micros;
  /** 1–5,000. */
  readonly limit: number;
  /**
   * The claim ends before the target with which its texts and options would be longer than this, 1–{@link CLAIM_MAX_CHARACTERS};
   * the first target goes whatever its length. An engine may count bytes.
   */
  readonly characters: number;
}

/** Asks for due targets of a carrier that others could take. */
export interface ReroutableClaim {
  readonly carrierId: CarrierId;
  readonly node: NodeId;
  readonly priority: Priority;
  /** Targets that fell due later are left. */
  readonly dueBy: Micros;
  /** Those others: a target is taken if it names one of them as a fallback. */
  readonly fallbacks: readonly CarrierId[];
  /** Where the look before ended; null to begin with the oldest. */
  readonly after: QueuePlace | null;
  /** How many due targets are looked at, 1–5,000: what names none of those others may be any part of them. */
  readonly limit: number;
  /** As for a claim; what is not taken counts for nothing. */
  readonly characters: number;
}

/** Where a target stands among those of one carrier and priority. */
export interface QueuePlace {
  readonly dueAt: Micros;
  readonly messageId: MessageId;
  readonly n: number;
}

export interface ReroutableTargets {
  /** Leased to the node. */
  readonly targets: readonly OutboundTarget[];
  /** The last one that was looked at; null when there are no more. */
  readonly last: QueuePlace | null;
}

/** Written before the first byte of a target leaves (promise P3). */
export interface InFlightMark extends TargetKey {
  readonly carrierId: CarrierId;
  readonly node: NodeId;
  /** The bind slot, from 0. */
  readonly bind: number;
  /** The epoch of the bind slot's lease. */
  readonly epoch: number;
  readonly at: Micros;
}

interface SettlementBase extends TargetKey {
  readonly carrierId: CarrierId;
  /** Whose lease or mark it ends: a node that lost the target meanwhile must not settle it for the one that has it now. */
  readonly node: NodeId;
  /**
   * The time of the mark that it ends, null where there is none: of the leases that a node has of a target one after the
   * other, no two were marked at the same time. Where the answer to a settlement was lost it is asked for again, and the node
   * may have claimed, marked and sent the target once more meanwhile.
   */
  readonly markedAt: Micros | null;
  readonly at: Micros;
  /** What to add to the target's trail. */
  readonly trail: readonly TrailEntry[];
}

/** How one attempt ended. */
export type Settlement =
  /**
   * The carrier took every part, and there are as many as `receiptKeys`: its settings may have changed since they were counted.
   * `receiptKeys[part]` is the canonical key under which the part's receipt will come, null if none is expected.
   */
  | (SettlementBase & {
      readonly outcome: "sent";
      readonly receiptKeys: readonly (string | null)[];
      /** When a missing receipt ends the target as `dlr_timeout`; null when no receipt was asked for. */
      readonly receiptDueAt: Micros | null;
    })
  /**
   * Not taken now: back into the queue for `dueAt`. Parts that were taken are not sent again: `partStates` says which, and
   * `receiptKeys[part]` holds the keys of those newly taken (null for the others).
   */
  | (SettlementBase & {
      readonly outcome: "retry";
      readonly dueAt: Micros;
      readonly partStates: PartStates;
      readonly receiptKeys: readonly (string | null)[];
      readonly receiptDueAt: Micros | null;
    })
  /** Never written, or handed back: the mark is withdrawn, the attempt does not count, and it is due at once. */
  | (SettlementBase & { readonly outcome: "released" })
  /** Another carrier is to take it, with `parts` counted anew by that carrier's profile. */
  | (SettlementBase & {
      readonly outcome: "rerouted";
      readonly nextCarrierId: CarrierId;
      readonly fallbacks: readonly CarrierId[];
      readonly dueAt: Micros;
      readonly parts: number;
      /** How many attempts count at the next carrier from the start: those that nobody answered for; none unless given. */
      readonly attempts?: number;
    })
  /**
   * Of unknown outcome, and not to be sent again by itself: stays marked and is sent by nobody until an operator decides or its
   * validity ends. Parts that were answered are known as for `retry`, so that their receipts find them.
   */
  | (SettlementBase & {
      readonly outcome: "held";
      readonly partStates: PartStates;
      readonly receiptKeys: readonly (string | null)[];
      readonly receiptDueAt: Micros | null;
    })
  /** Ended without delivery. */
  | (SettlementBase & {
      readonly outcome: "failed";
      readonly status: "failed" | "gw_timeout" | "canceled";
      readonly failure: Failure | null;
    });

/**
 * `applied`: the target's status is now `status` (a receipt that came before its response may have gone further at once).
 * `stale`: the target was no longer this node's under that mark (canceled, expired, taken over, settled before): nothing was
 * written, save that receipt keys are kept all the same, so that a receipt for what this node did send still finds its target.
 */
export type SettlementResult =
  | { readonly kind: "applied"; readonly status: TargetStatus }
  | { readonly kind: "stale" };

export interface RecoveryRequest {
  readonly carrierId: CarrierId;
  /** Processes known to live; what is leased to or marked by any other is recovered. */
  readonly liveNodes: readonly NodeId[];
  readonly policy: UnknownOutcomePolicy;
  readonly now: Micros;
  /** At most this many rows a call; call again while `more`. */
  readonly limit: number;
}

export interface RecoveryResult {
  /** Leased but never marked: back in the queue. */
  readonly released: number;
  /** Marked in flight, of unknown outcome: resent or held, as `holdOf` says; each has `in_flight_at_crash` on its trail. */
  readonly unknown: number;
  readonly more: boolean;
}

/** A page of what the store takes for a node's. */
export interface LeasedQuery {
  readonly carrierId: CarrierId;
  readonly node: NodeId;
  /** The last target of the page before; null for the first page. */
  readonly after: TargetKey | null;
  /** 1–5,000. */
  readonly limit: number;
}

/** A target that the store takes for a node's. */
export interface LeasedTarget extends TargetKey {
  /** When it was marked in flight; null when it was not. */
  readonly markedAt: Micros | null;
}

export interface QueueDepth {
  readonly carrierId: CarrierId;
  /** Exact up to 10,000; beyond it an engine may estimate. */
  readonly waiting: number;
  /** dueAt of the oldest that is due, null when none waits. */
  readonly oldestDueAt: Micros | null;
  readonly inFlight: number;
  /** Exact up to 10,000, where an engine may stop to count. */
  readonly held: number;
}

export interface QueueStore {
  /** Leases due targets to the node, by priority then age; disjoint from every other claim. Sees work due by `now` only. */
  claimTargets(request: ClaimRequest): Promise<readonly OutboundTarget[]>;
  /** Leases due targets that other carriers could take, the oldest first. Opt-outs are heeded where they are claimed to be sent. */
  claimReroutable(request: ReroutableClaim): Promise<ReroutableTargets>;
  /**
   * Durably marks targets in flight; false for one that is no longer leased to the node (canceled, expired, recovered), and
   * for one whose handset opted out since its message was accepted, which ends it: it must not be sent.
   */
  markInFlight(marks: readonly InFlightMark[]): Promise<readonly boolean[]>;
  settleTargets(settlements: readonly Settlement[]): Promise<readonly SettlementResult[]>;
  recoverTargets(request: RecoveryRequest): Promise<RecoveryResult>;
  /**
   * Targets that are leased to the node or marked by it, in a fixed order. After an answer that was lost, or one that came
   * too late, the node may not know of all of them.
   */
  leasedTargets(query: LeasedQuery): Promise<readonly LeasedTarget[]>;
  /** When the carrier's next target falls due, to set one timer by; null when nothing waits. */
  nextDueAt(carrierId: CarrierId): Promise<Micros | null>;
  queueDepths(): Promise<readonly QueueDepth[]>;
  /** Carriers that were removed, or never added, and have targets queued, leased or in flight; held ones do not count. */
  leftoverCarriers(): Promise<readonly CarrierId[]>;
}
