import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { countSeptets, DEFAULT_ALPHABET } from "./alphabet.ts";
import { replaceLookAlikes } from "./look-alikes.ts";
import {
  alphabetOf,
  NATIONAL_LANGUAGES,
  type NationalLanguage,
  nationalLanguageOf,
  type NationalTables,
} from "./national-language.ts";
import { partBoundaries } from "./part-boundary.ts";
import { segment } from "./segmentation.ts";
import { NOTHING } from "./shift-table.ts";
import { cuttingOf, layOut } from "./text-layout.ts";
import type { TextRejection } from "./text-plan.ts";
import { DEFAULT_TEXT_PROFILE, type TextProfile } from "./text-profile.ts";

// Reference data collected from other people's suites lies beside the checkout where this project is developed, not in
// it. Our own tables and cases are in the tests beside this one.

/** The parsed file, or `undefined` after a line that says what did not run. */
function published(name: string): unknown {
  try {
    return JSON.parse(readFileSync(new URL(`../../../shared/text/${name}`, import.meta.url), "utf8"));
  } catch {
    console.log(`did not run: ${name} is not beside this checkout`);
    return undefined;
  }
}

interface Vector {
  readonly id: string;
  readonly text: string | null;
  readonly textRepeat?: readonly [string, number];
  readonly options: { readonly l?: number; readonly sh?: number; readonly ref16?: boolean };
  readonly expect: {
    readonly encoding: string;
    readonly units: number;
    readonly partCapacity: number;
    readonly count: number;
    readonly unitsPerSegment?: readonly number[];
    readonly codePointsPerSegment?: readonly number[];
  };
}

const codePointsOf = (text: string) => Array.from(text).length;

describe("the published segmentation vectors", () => {
  // The file's shape is fixed; a wrong one fails the test below.
  const file = published("segmentation-vectors.json") as { readonly vectors: readonly Vector[] } | undefined;
  const vectors = file?.vectors ?? [];

  it("are a hundred, where they are at hand", () => {
    expect(file === undefined || vectors.length === 100).toBe(true);
  });

  for (const vector of vectors) {
    it(`${vector.id} is cut as published`, () => {
      expect(cutAsAsked(vector)).toMatchObject(expectedOf(vector));
    });
  }
});

/** What the vector expects, but for two choices: an empty text is one part here, and over 255 parts are rejected. */
function expectedOf({ text, expect: expected }: Vector): object {
  if (text === "") return { ...expected, count: 1, unitsPerSegment: [0], codePointsPerSegment: [0] };
  const { encoding, units, count } = expected;
  return count > 255 ? { rejected: "too-many-parts", encoding, units, count } : expected;
}

function cutAsAsked(vector: Vector): object {
  const [piece, times] = vector.textRepeat ?? [vector.text ?? "", 1];
  const text = piece.repeat(times);
  const { l, sh, ref16 } = vector.options;
  const profile: TextProfile = { ...DEFAULT_TEXT_PROFILE, maxParts: 255, referenceBits: ref16 ? 16 : 8 };
  if (l === undefined && sh === undefined) return cutFreely(text, profile);
  return cutUnderTables(text, profile, {
    locking: nationalLanguageOf(l ?? 0),
    singleShift: nationalLanguageOf(sh ?? 0),
  });
}

function cutFreely(text: string, profile: TextProfile): object {
  const segmentation = segment(text, profile, 1);
  if (!segmentation.ok) {
    const { reason, encoding, units, parts } = tooManyParts(segmentation);
    return { rejected: reason, encoding, units, count: parts };
  }
  const { encoding, units, partCapacity, parts } = segmentation;
  const unitsPerSegment = parts.map((part) => part.units);
  const codePointsPerSegment = parts.map((part) => codePointsOf(part.text));
  return { encoding, units, partCapacity, count: parts.length, unitsPerSegment, codePointsPerSegment };
}

function tooManyParts(rejection: TextRejection) {
  if (rejection.reason !== "too-many-parts") throw new Error(rejection.reason);
  return rejection;
}

/** The vectors name the tables to use, also where choosing would pick cheaper ones, so nothing is chosen here. */
function cutUnderTables(text: string, profile: TextProfile, tables: NationalTables): object {
  const alphabet = alphabetOf(tables);
  const layout = layOut(text, "gsm7", countSeptets(text, alphabet), tables, profile, {});
  const { encoding, units, partCapacity, parts: count } = layout;
  const endOfPart = partBoundaries(text, cuttingOf(layout, profile));
  const slices: string[] = [];
  let start = 0;
  while (start < text.length) {
    const end = endOfPart(start);
    slices.push(text.slice(start, end));
    start = end;
  }
  const unitsPerSegment = slices.map((slice) => countSeptets(slice, alphabet));
  return {
    encoding,
    units,
    partCapacity,
    count,
    unitsPerSegment,
    codePointsPerSegment: slices.map(codePointsOf),
  };
}

interface PublishedTable {
  readonly nli: number;
  readonly locking: readonly (string | null)[] | null;
  readonly single: Readonly<Record<string, string>>;
}

describe("the published national language tables", () => {
  const file = published("national-language-tables.json") as
    | { readonly tables: Readonly<Record<string, PublishedTable>> }
    | undefined;
  const tables = Object.entries(file?.tables ?? {});

  it("are the default ones and thirteen more, where they are at hand", () => {
    expect(file === undefined || tables.length === 14).toBe(true);
  });

  // Published with the Bengali signs U+0981 to U+0983, which a Hindi text never has.
  const HINDI_SIGNS = ["U+0901", "U+0902", "U+0903"];

  for (const [name, table] of tables) {
    it(`of ${name} are ours`, () => {
      const language = LANGUAGES.find((candidate) => candidate === name);
      expect(language === undefined ? 0 : NATIONAL_LANGUAGES[language]).toBe(table.nli);
      const alphabet = alphabetOf({ locking: language, singleShift: language });
      const locking = (table.locking ?? named(DEFAULT_ALPHABET.locking.characters)).with(0x1b, null);
      expect(named(alphabet.locking.characters)).toEqual(
        language === "hindi" ? [...HINDI_SIGNS, ...locking.slice(HINDI_SIGNS.length)] : locking,
      );
      const single = Array.from({ length: 128 }, (_, septet) => table.single[hex(septet, 2)] ?? null);
      // CR2 and SS2 are published as characters; they are control codes that must not be encoded.
      expect(named(alphabet.singleShift.characters)).toEqual(single.with(0x0d, null).with(0x1b, null));
    });
  }
});

// Object.keys widens to string; these are the table's own keys.
const LANGUAGES = Object.keys(NATIONAL_LANGUAGES) as NationalLanguage[];

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).toUpperCase().padStart(digits, "0")}`;
}

function named(characters: string): readonly (string | null)[] {
  return characters
    .split("")
    .map((character) => (character === NOTHING ? null : hex(character.charCodeAt(0), 4).replace("0x", "U+")));
}

describe("the published look-alikes", () => {
  const file = published("twilio-smart-encoding-map.json") as
    | { readonly map: Readonly<Record<string, string>> }
    | undefined;
  const pairs = Object.entries(file?.map ?? {});

  // Where ours differ on purpose: an opening quote opens, a low line is low, a line separator separates lines.
  const OURS = new Map([
    ["\u2039", "<"],
    ["\u203a", ">"],
    ["\u2017", "_"],
    ["\u2028", "\n"],
    ["\u2029", "\n"],
  ]);

  it("are 270, where they are at hand", () => {
    expect(file === undefined || pairs.length === 270).toBe(true);
  });

  it("are all replaced by the same, but for a handful named here", () => {
    for (const [lookAlike, replacement] of pairs) {
      // Published: two spaces for most kinds of space and seven for a tab. One character stays one here.
      const expected = OURS.get(lookAlike) ?? replacement.replace(/^ +$/, " ");
      expect(replaceLookAlikes(lookAlike), `U+${lookAlike.charCodeAt(0).toString(16)}`).toBe(expected);
    }
  });
});
