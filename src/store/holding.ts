import type { CarrierId, CustomerId } from "../domain/ids.ts";
import type { TargetKey } from "../domain/message.ts";
import type { Micros } from "../domain/micros.ts";
import type { TrailEntry } from "../domain/trail.ts";

/** A target that a carrier holds, or held. */
export interface HeldKey extends TargetKey {
  readonly carrierId: CarrierId;
}

/** Where a look at what is held goes on: after this target, which need not be there. */
export type HeldPlace = Omit<HeldKey, "customerId">;

/** A page of what is held: carrier by carrier, the oldest messages first. */
export interface HeldQuery {
  /** Null for every carrier, those that were removed included. */
  readonly carrierId: CarrierId | null;
  /** Null for every customer. */
  readonly customerId: CustomerId | null;
  /** Null for the first page. Where one carrier is asked for, a place of that carrier. */
  readonly after: HeldPlace | null;
  /** 1–1,000. */
  readonly limit: number;
}

export interface HeldTarget extends HeldKey {
  readonly heldAt: Micros;
  /** When it ends by itself. */
  readonly expiresAt: Micros;
  /** How often it was in flight at this carrier. */
  readonly attempts: number;
  readonly destination: string;
  readonly trail: readonly TrailEntry[];
}

/**
 * The engine looks at a bounded number of rows a call: `next` is then where to go on, even if nothing was found yet; null at
 * the end.
 */
export interface HeldPage {
  readonly targets: readonly HeldTarget[];
  readonly next: HeldPlace | null;
}

/** What an operator makes of targets of unknown outcome: due once more, or ended as `canceled`. */
export type HeldDecision = "resend" | "cancel";

/** What an operator needs who has to decide about targets that are held, whoever sent them. */
export interface HoldStore {
  /** Deleted messages' targets are told, too: they are held as the others are. */
  heldTargets(query: HeldQuery): Promise<HeldPage>;
  /** Decides about targets; false for one that the carrier holds no longer: nothing is written of it. */
  decideHeld(decision: HeldDecision, targets: readonly HeldKey[], at: Micros): Promise<readonly boolean[]>;
}
