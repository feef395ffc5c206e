import type { Alphabet } from "./alphabet.ts";
import { type Encoding, partCapacity, PARTS_LIMIT } from "./capacity.ts";
import {
  alphabetOf,
  NATIONAL_LANGUAGES,
  type NationalTables,
  NO_NATIONAL_TABLES,
} from "./national-language.ts";
import { countBoundaries, type Cutting } from "./part-boundary.ts";
import type { TextProfile } from "./text-profile.ts";
import type { PortsElement, UdhElement, UnknownElement } from "./udh.ts";
import { udhLength } from "./udh-encoding.ts";

/** What the sender of one text may ask for. */
export interface TextOptions {
  /** `auto` (the default) takes gsm7 where the text allows it and ucs2 otherwise; the others insist. */
  readonly encoding?: "auto" | Exclude<Encoding, "binary8">;
  /** Elements that every part carries besides what the text itself needs. */
  readonly header?: readonly (PortsElement | UnknownElement)[];
}

/** A text laid out. */
export interface TextLayout {
  readonly ok: true;
  readonly encoding: Encoding;
  /** The text as it goes out, look-alikes replaced. */
  readonly text: string;
  readonly tables: NationalTables;
  readonly alphabet: Alphabet;
  /** Units of the whole text without headers: septets, UTF-16 units or octets. */
  readonly units: number;
  readonly parts: number;
  /** Units that fit into each of these parts. */
  readonly partCapacity: number;
}

/** Lays a text of so many units out in parts, each with the header that its tables and options ask for. */
export function layOut(
  text: string,
  encoding: Encoding,
  units: number,
  tables: NationalTables,
  profile: TextProfile,
  options: TextOptions,
): TextLayout {
  const alphabet = alphabetOf(tables);
  const single = partCapacity(encoding, headerOctets(tables, options));
  if (units <= single)
    return { ok: true, encoding, text, tables, alphabet, units, parts: 1, partCapacity: single };
  const capacity = partCapacity(encoding, concatenatedHeaderOctets(tables, options, profile));
  const layout = {
    ok: true,
    encoding,
    text,
    tables,
    alphabet,
    units,
    parts: Infinity,
    partCapacity: capacity,
  } as const;
  return capacity < 2 ? layout : { ...layout, parts: countParts(layout, profile) };
}

/** Where the text of a layout with several parts may be cut. */
export function cuttingOf(layout: TextLayout, { keepClusters }: TextProfile): Cutting {
  const { encoding, text, alphabet, units, partCapacity: capacity } = layout;
  // Each escaped character counts one unit more than its length.
  const pairs = encoding === "ucs2" ? "surrogate" : units === text.length ? "none" : "escape";
  return { pairs, alphabet, capacity, keepClusters };
}

function countParts(layout: TextLayout, profile: TextProfile): number {
  const cutting = cuttingOf(layout, profile);
  const wireParts =
    cutting.pairs === "none"
      ? Math.ceil(layout.units / cutting.capacity)
      : countBoundaries(layout.text, { ...cutting, keepClusters: false });
  // Looking for clusters takes time that grows with the square of a hostile text; too long is too long without it.
  return cutting.keepClusters && wireParts <= PARTS_LIMIT ? countBoundaries(layout.text, cutting) : wireParts;
}

function headerOctets(tables: NationalTables, options: TextOptions): number {
  if (tables === NO_NATIONAL_TABLES && options.header === undefined) return 0;
  return udhLength(textElements(tables, options));
}

/** Octets of the header of each part when there are several. */
export function concatenatedHeaderOctets(
  tables: NationalTables,
  options: TextOptions,
  profile: TextProfile,
): number {
  const others = headerOctets(tables, options);
  // The length octet is there once: alone the element takes 6 or 7 octets, beside others 5 or 6.
  return Math.max(others, 1) + (profile.referenceBits === 16 ? 6 : 5);
}

/** The elements besides a concatenation that every part of a text needs. */
export function textElements(tables: NationalTables, options: TextOptions): readonly UdhElement[] {
  return [...nationalElements(tables), ...(options.header ?? [])];
}

function nationalElements({ locking, singleShift }: NationalTables): readonly UdhElement[] {
  const elements: UdhElement[] = [];
  if (singleShift)
    elements.push({ kind: "national-single-shift", language: NATIONAL_LANGUAGES[singleShift] });
  if (locking) elements.push({ kind: "national-locking-shift", language: NATIONAL_LANGUAGES[locking] });
  return elements;
}
