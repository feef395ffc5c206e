import { countSeptets, DEFAULT_ALPHABET } from "./alphabet.ts";
import { type Encoding, PARTS_LIMIT } from "./capacity.ts";
import { firstOutsideLatin1 } from "./latin-1.ts";
import { replaceLookAlikes } from "./look-alikes.ts";
import { alphabetOf, hasLockingTable, type NationalTables, NO_NATIONAL_TABLES } from "./national-language.ts";
import { TABLE_REACH } from "./shift-table.ts";
import { concatenatedHeaderOctets, layOut, type TextLayout, type TextOptions } from "./text-layout.ts";
import type { TextProfile } from "./text-profile.ts";

/** Why a text cannot be sent as asked. */
export type TextRejection =
  | {
      readonly ok: false;
      readonly reason: "not-encodable";
      readonly encoding: Encoding;
      /** The first character that the encoding lacks, and its UTF-16 index. */
      readonly character: string;
      readonly index: number;
    }
  | {
      readonly ok: false;
      readonly reason: "too-many-parts";
      readonly encoding: Encoding;
      readonly units: number;
      readonly parts: number;
      readonly limit: number;
    }
  | { readonly ok: false; readonly reason: "header-too-long"; readonly headerOctets: number };

/** Chooses encoding and tables for a text and counts its parts. An empty text is one part of no units. */
export function planText(
  text: string,
  profile: TextProfile,
  options: TextOptions,
): TextLayout | TextRejection {
  const plan = choosePlan(text, profile, options);
  if (!plan.ok) return plan;
  if (plan.partCapacity < 2) return headerTooLong(plan, profile, options);
  const limit = Math.min(profile.maxParts, PARTS_LIMIT);
  if (plan.parts <= limit) return plan;
  const { encoding, units, parts } = plan;
  return { ok: false, reason: "too-many-parts", encoding, units, parts, limit };
}

/** Code units a carrier's own alphabet reaches up to; the GSM alphabet narrows it further. */
const REACH: Readonly<Record<TextProfile["alphabet"], number>> = {
  gsm7: TABLE_REACH,
  latin1: 0x100,
  ascii: 0x80,
};

function choosePlan(text: string, profile: TextProfile, options: TextOptions): TextLayout | TextRejection {
  const choice = options.encoding ?? "auto";
  if (choice === "ucs2") return planUcs2(text, profile, options);
  if (choice === "latin1") {
    const outside = firstOutsideLatin1(text);
    if (outside >= 0) return notEncodable(text, "latin1", outside);
    return layOut(text, "latin1", text.length, NO_NATIONAL_TABLES, profile, options);
  }
  const septets = countSeptets(text, DEFAULT_ALPHABET, REACH[profile.alphabet]);
  if (septets >= 0) return layOut(text, "gsm7", septets, NO_NATIONAL_TABLES, profile, options);
  const gsm7 = planByReplacing(text, profile, options) ?? planByNationalTables(text, profile, options);
  if (choice === "gsm7") return gsm7 ?? notEncodable(text, "gsm7", ~septets);
  if (gsm7?.tables === NO_NATIONAL_TABLES) return gsm7;
  // Every handset shows UCS-2, not every one knows the national tables: they must save something to be worth it.
  const ucs2 = planUcs2(text, profile, options);
  return gsm7 !== undefined && gsm7.parts < ucs2.parts ? gsm7 : ucs2;
}

/** Half a surrogate pair alone is no character; it goes out as U+FFFD, which takes as many units. */
function planUcs2(text: string, profile: TextProfile, options: TextOptions): TextLayout {
  return layOut(text.toWellFormed(), "ucs2", text.length, NO_NATIONAL_TABLES, profile, options);
}

function planByReplacing(text: string, profile: TextProfile, options: TextOptions): TextLayout | undefined {
  if (!profile.lookAlikes) return undefined;
  const replaced = replaceLookAlikes(text);
  const septets = countSeptets(replaced, DEFAULT_ALPHABET, REACH[profile.alphabet]);
  return septets < 0 ? undefined : layOut(replaced, "gsm7", septets, NO_NATIONAL_TABLES, profile, options);
}

function planByNationalTables(
  text: string,
  profile: TextProfile,
  options: TextOptions,
): TextLayout | undefined {
  if (profile.alphabet !== "gsm7") return undefined;
  let best: TextLayout | undefined;
  for (const tables of tablePairs(profile)) {
    const septets = countSeptets(text, alphabetOf(tables));
    if (septets < 0) continue;
    const plan = layOut(text, "gsm7", septets, tables, profile, options);
    if (best === undefined || isShorter(plan, best)) best = plan;
  }
  if (best !== undefined || !profile.lookAlikes) return best;
  const replaced = replaceLookAlikes(text);
  return replaced === text
    ? undefined
    : planByNationalTables(replaced, { ...profile, lookAlikes: false }, options);
}

/** The pairs the profile allows, those with one announcement before those with two. */
function tablePairs({ nationalLanguages }: TextProfile): readonly NationalTables[] {
  const locking = nationalLanguages.locking.filter(hasLockingTable);
  const { singleShift } = nationalLanguages;
  return [
    ...singleShift.map((language) => ({ locking: undefined, singleShift: language })),
    ...locking.map((language) => ({ locking: language, singleShift: undefined })),
    ...locking.flatMap((first) => singleShift.map((second) => ({ locking: first, singleShift: second }))),
  ];
}

function isShorter(plan: TextLayout, other: TextLayout): boolean {
  return plan.parts < other.parts || (plan.parts === other.parts && plan.units < other.units);
}

function notEncodable(text: string, encoding: Encoding, index: number): TextRejection {
  const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
  return { ok: false, reason: "not-encodable", encoding, character, index };
}

function headerTooLong(layout: TextLayout, profile: TextProfile, options: TextOptions): TextRejection {
  return {
    ok: false,
    reason: "header-too-long",
    headerOctets: concatenatedHeaderOctets(layout.tables, options, profile),
  };
}
