import type { Micros } from "./micros.ts";

/**
 * One fact on a target's way, kept in the target's own row so that the timeline costs no row of its own. `what` is an open
 * list: sent, refused, retried, throttled, carrier_down, carrier_removed, rerouted, unknown_outcome, in_flight_at_crash, held, resent,
 * receipt, expired, opted_out, canceled, left_out. `at` and `what` are written first: by them the stores find where an entry
 * begins.
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

/** A trail that would be longer than this keeps its beginning and its end; one entry, `left_out`, stands for what was between. */
export const TRAIL_MAX_CHARACTERS = 8_000;
/** At least so much of its beginning stays: some fifteen facts. */
export const TRAIL_BEGINNING_CHARACTERS = 1_500;
/**
 * At most so much of its end: some forty facts. Less than there would be room for, so that it is cut once in some twenty facts. An
 * entry is shorter than 2,000 characters (its words are 300 at most, which JSON makes six times as long), so that the two do not
 * meet and each has where to begin or end.
 */
export const TRAIL_END_CHARACTERS = 4_000;
