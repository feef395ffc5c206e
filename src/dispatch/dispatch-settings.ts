/** What an operator may tune of the dispatcher; most need none of it. */
export interface DispatchSettings {
  /** Targets of one carrier that may wait in this process's memory; beyond it they wait in the store. */
  readonly waitingLimit: number;
  /**
   * Characters of those targets (characters-of.ts): 800 for each, or the longest text of an SMS 400 times. A claim may go
   * beyond it by one target.
   */
  readonly waitingCharacters: number;
  /** So many carriers may each have as much waiting as these limits say; of more, each may have its share of that. */
  readonly fullRooms: number;
  /** How often the store is asked for due work when nothing says that there is some. */
  readonly pollMs: number;
  /** How long a receipt is waited for, from the carrier's answer on. */
  readonly receiptTimeoutMs: number;
  /** A node that does not renew its leases for so long has lost them. */
  readonly leaseMs: number;
  /** How long before its end a lease is no longer relied on: covers clocks that differ and a process that is stopped. */
  readonly leaseMarginMs: number;
  readonly heartbeatMs: number;
  /** How often the store is asked for targets that it leases to this node and this node does not have, or to nodes that are no more. */
  readonly strayLookMs: number;
  /** Targets are given back to the store when the carrier has had no lane for so long: others may send, cancel, expire them. */
  readonly laneWaitMs: number;
  /** Other carriers are asked to take what waits for one of which no node has had a lane up for so long. */
  readonly failoverMs: number;
  /** A node that holds bind slots and cannot reach their carrier for so long lets others try them. */
  readonly cutOffMs: number;
  /** The same for one that reaches the carrier and is told that the bind failed: more attempts may lock the account. */
  readonly turnedAwayMs: number;
}

/** With these a dead node's slots move within 15 s: 11 s until its lease ends, 3 s until the next heartbeat of another. */
export const DEFAULT_DISPATCH_SETTINGS: DispatchSettings = {
  waitingLimit: 20_000,
  waitingCharacters: 16_000_000,
  fullRooms: 8,
  pollMs: 1_000,
  receiptTimeoutMs: 72 * 3_600_000,
  leaseMs: 11_000,
  leaseMarginMs: 2_000,
  heartbeatMs: 3_000,
  strayLookMs: 30_000,
  laneWaitMs: 5_000,
  failoverMs: 30_000, // why: docs/decisions/0019-after-half-a-minute-others-stand-in.md
  // Why these two: docs/decisions/0022-slots-go-round-where-a-carrier-cannot-be-reached.md
  cutOffMs: 45_000,
  turnedAwayMs: 10 * 60_000,
};

/** Targets in one claim, by the store port. */
export const CLAIM_MAX = 5_000;

/** Targets in one call that marks or settles: a thread message of about a megabyte. */
export const BATCH_MAX = 2_000;
