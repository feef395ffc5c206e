import type { Address } from "./address.ts";
import type { CarrierId } from "./ids.ts";
import type { MessageOptions, MessageType, Priority, TargetKey } from "./message.ts";
import type { Micros } from "./micros.ts";

/**
 * What has become of each part, one letter a part in order: `q` not taken by the carrier yet, `s` taken, `d` delivered,
 * `f` failed. Empty for a message of one part, whose status says it all.
 */
export type PartStates = string;

/** One target on its way out, with all that a carrier needs to send it. */
export interface OutboundTarget extends TargetKey {
  readonly type: MessageType;
  readonly source: Address;
  readonly destination: Address;
  readonly text: string;
  readonly options: MessageOptions;
  readonly parts: number;
  /** The carrier it is queued at now. */
  readonly carrierId: CarrierId;
  /** The carriers that may still be tried after this one, in order. */
  readonly fallbacks: readonly CarrierId[];
  readonly priority: Priority;
  readonly dueAt: Micros;
  /** After this it is no longer sent: it ends as `gw_timeout`. */
  readonly expiresAt: Micros;
  /** How often it was marked in flight before for this carrier: another has its tries anew. */
  readonly attempts: number;
  readonly partStates: PartStates;
}

/**
 * Hands accepted targets to the dispatcher of the same process without a round trip through the store (design: a node that
 * holds a bind inserts the rows leased to itself). `depart` or `reserve` comes before the commit, and after it the
 * departure's `leave` or `stay`, or `deliver` or `release`.
 */
export interface HandOver {
  /**
   * Takes targets that could leave at once: their marks are to be written with the message itself, which spares them a commit
   * of their own. Null when nothing waits for less; then they may still be reserved for.
   */
  depart(carrierId: CarrierId, targets: readonly OutboundTarget[]): Departure | null;
  /** Whether this process dispatches for the carrier and has room for these; true reserves the room. */
  reserve(carrierId: CarrierId, targets: readonly OutboundTarget[]): boolean;
  /** Passes on targets whose room was reserved, after their commit. */
  deliver(targets: readonly OutboundTarget[]): void;
  /** Gives reserved room back: the commit failed or the message was a replay. */
  release(carrierId: CarrierId, targets: readonly OutboundTarget[]): void;
}

/** Targets that leave as soon as their message is durable, marked in flight with it for one bind slot (promise P3). */
export interface Departure {
  readonly bind: number;
  readonly epoch: number;
  /** The message is durable with these marks. */
  leave(): void;
  /** It is not. */
  stay(): void;
}
