import type { CarrierId, NodeId } from "../domain/ids.ts";
import type { Micros } from "../domain/micros.ts";

/** The right to send over one bind slot of a carrier (promise P6). */
export interface BindLease {
  readonly carrierId: CarrierId;
  readonly bind: number;
  readonly node: NodeId;
  /** Goes up each time the slot changes hands. */
  readonly epoch: number;
  readonly expiresAt: Micros;
}

export interface LeaseRequest {
  readonly carrierId: CarrierId;
  /** The carrier has slots 0 … slots−1. */
  readonly slots: number;
  /** This node wants to hold at most this many of them. */
  readonly want: number;
  readonly node: NodeId;
  readonly now: Micros;
  readonly expiresAt: Micros;
  /** When this node last had a lane of the carrier up; null when it never had. */
  readonly upAt: Micros | null;
}

export interface LeaseAnswer {
  /** What the node holds now. */
  readonly leases: readonly BindLease[];
  /**
   * When another node last had a lane of the carrier up, as far as its slots tell: what a node said stays known of a slot
   * when it dies, leaves or lets go. Null when none had. A holder that cannot say it (its version is the one before) is
   * taken to have one up for as long as its lease lasts.
   */
  readonly upElsewhereAt: Micros | null;
}

/** A node that said that it lives and did not leave. */
export interface NodeLife {
  readonly node: NodeId;
  /** When this is past, the node is dead, or it could not say again that it lives. */
  readonly expiresAt: Micros;
}

/**
 * An engine whose database only one process can open forgets, when it opens it, the leases and heartbeats of earlier ones:
 * they are dead, and waiting for their leases to end would only hold up the queue after a crash.
 */
export interface LeaseStore {
  /**
   * Says that the node lives until `expiresAt`; answers every node that has not left, itself included, and those too whose
   * time is over. One for whom it has been over for a day may be forgotten.
   */
  heartbeat(node: NodeId, now: Micros, expiresAt: Micros): Promise<readonly NodeLife[]>;
  /**
   * Renews the node's leases of the carrier and takes free or expired slots up to `want`. Of more it lets go, which other nodes
   * are told.
   */
  leaseBinds(request: LeaseRequest): Promise<LeaseAnswer>;
  /** Lets go of the node's slots: `binds` of one carrier, or with null every slot of every carrier and its heartbeat. */
  releaseBinds(
    node: NodeId,
    binds: { readonly carrierId: CarrierId; readonly slots: readonly number[] } | null,
  ): Promise<void>;
}
