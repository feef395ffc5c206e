import type { CarrierHealth } from "../carriers/carrier.ts";
import type { CarrierAccount } from "../domain/carrier-account.ts";
import type { QueueDepth } from "../store/queueing.ts";

/** A carrier account as administrators see it. */
export interface CarrierReport {
  readonly account: Omit<CarrierAccount, "sealedUrl">;
  /** The URL with its secrets struck out. */
  readonly shownUrl: string;
  /** Null in a process that does not run it. */
  readonly health: CarrierHealth | null;
  /** Null when nothing is queued. */
  readonly queue: QueueDepth | null;
}

export type CarrierAdded =
  | { readonly kind: "added"; readonly report: CarrierReport }
  /** The URL cannot be right; `message` says why and names no secret. */
  | { readonly kind: "bad_url"; readonly message: string }
  | { readonly kind: "name_taken" };

/** What is to be another at a carrier; what is left out stays. */
export interface CarrierChange {
  readonly name?: string | undefined;
  /** Its password may be struck out as it is shown: then the stored one stays, if the account is the same. */
  readonly url?: string | undefined;
}

export type CarrierChanged =
  | { readonly kind: "changed"; readonly report: CarrierReport }
  | { readonly kind: "unknown" }
  /** The simulator's account is this program's own. */
  | { readonly kind: "built_in" }
  /** The URL cannot be right; `message` says why and names no secret. */
  | { readonly kind: "bad_url"; readonly message: string }
  | { readonly kind: "name_taken" }
  /** Somebody else changed or removed it since it was read: nothing was written, and the same change may be tried again. */
  | { readonly kind: "changed_meanwhile" };

export type CarrierRemoved =
  | { readonly kind: "removed"; readonly report: CarrierReport }
  | { readonly kind: "unknown" }
  /** Targets are queued at it or wait for its receipts, and `force` was not set. */
  | { readonly kind: "in_use"; readonly queue: QueueDepth | null };

/** Where administrators' wishes about carriers go; the composition root stands behind it. */
export interface CarrierDesk {
  list(): Promise<readonly CarrierReport[]>;
  add(name: string, url: string): Promise<CarrierAdded>;
  /**
   * Changes a carrier in place: what waits for it and its receipts go on. It is bound anew when it is answered.
   * @param nameOrId either of the two
   */
  change(nameOrId: string, change: CarrierChange): Promise<CarrierChanged>;
  /** @param nameOrId either of the two */
  remove(nameOrId: string, force: boolean): Promise<CarrierRemoved>;
}
