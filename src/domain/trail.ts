import type { Micros } from "./micros.ts";

/**
 * One fact on a target's way, kept in the target's own row so that the timeline costs no row of its own. `what` is an open
 * list: sent, refused, retried, carrier_down, carrier_removed, rerouted, unknown_outcome, in_flight_at_crash, held, resent,
 * receipt, expired, opted_out, canceled.
 */
export interface TrailEntry {
  readonly at: Micros;
  readonly what: string;
  readonly carrier?: string;
  readonly bind?: number;
  readonly node?: string;
  readonly attempt?: number;
  /** Milliseconds between writing the request and its answer. */
  readonly tookMs?: number;
  /** The carrier's own words: its message ids, a command status by name, a receipt; of `held`, ours. Never the message's text. */
  readonly words?: string;
}

/** A trail longer than this keeps its beginning and drops what comes after; one entry then says so. */
export const TRAIL_MAX_CHARACTERS = 8_000;
