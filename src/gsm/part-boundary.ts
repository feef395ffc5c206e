import type { Alphabet } from "./alphabet.ts";
import { NO_SEPTET } from "./shift-table.ts";
import { isInsidePair } from "./ucs-2.ts";

/** What decides where a text may be cut. */
export interface Cutting {
  /** Which two units belong together in this text: an escape and its character, two surrogates, or no two. */
  readonly pairs: "escape" | "surrogate" | "none";
  readonly alphabet: Alphabet;
  /** Units that fit into one part; at least 2, so that a pair always fits. */
  readonly capacity: number;
  readonly keepClusters: boolean;
}

/** How many parts the text makes when each takes as much as it can. */
export function countBoundaries(text: string, cutting: Cutting): number {
  const boundaries = partBoundaries(text, cutting);
  let parts = 0;
  for (let start = 0; start < text.length; start = boundaries(start)) parts++;
  return parts;
}

/**
 * A function from the index where a part starts to the index where it ends. No part ends between an escape and its
 * character (TS 23.040 §9.2.3.24.1) nor inside a surrogate pair; with `keepClusters` none ends inside what a reader
 * sees as one character either, unless that alone is longer than a part.
 */
export function partBoundaries(text: string, cutting: Cutting): (start: number) => number {
  const { pairs, alphabet, capacity } = cutting;
  const clusters = cutting.keepClusters ? GRAPHEMES.segment(text) : undefined;
  return (start) => {
    const end =
      pairs === "escape"
        ? endInSeptets(text, start, alphabet, capacity)
        : endInUnits(text, start, capacity, pairs === "surrogate");
    if (clusters === undefined || end === text.length) return end;
    const clusterStart = clusters.containing(end)?.index ?? end;
    return clusterStart > start ? clusterStart : end;
  };
}

const GRAPHEMES = new Intl.Segmenter("und", { granularity: "grapheme" });

function endInSeptets(text: string, start: number, alphabet: Alphabet, capacity: number): number {
  const locking = alphabet.locking.codes;
  let free = capacity;
  for (let index = start; index < text.length; index++) {
    free -= locking[text.charCodeAt(index)] === NO_SEPTET ? 2 : 1;
    if (free < 0) return index;
  }
  return text.length;
}

function endInUnits(text: string, start: number, capacity: number, hasSurrogates: boolean): number {
  const end = start + capacity;
  if (end >= text.length) return text.length;
  return hasSurrogates && isInsidePair(text, end) ? end - 1 : end;
}
