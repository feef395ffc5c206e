import { describe, expect, it } from "vitest";
import { SegmentedMessage } from "sms-segments-calculator";
import { countParts, segment } from "./segmentation.ts";
import { DEFAULT_TEXT_PROFILE, type TextProfile } from "./text-profile.ts";

// The npm package sms-segments-calculator counts the same thing in a wholly different way. It deviates from the wire in
// one known point: it never cuts a grapheme cluster, which `keepClusters` does too, except that it cuts CRLF, which is a
// cluster by Unicode. (Older versions did not know the form feed either.) Its table of clusters is Unicode 10's, so
// clusters of later versions are left out of the texts here.

const LONG: TextProfile = { ...DEFAULT_TEXT_PROFILE, maxParts: 255 };
const TEXTS = 500;

// One seed for all time unless told otherwise: a difference found tomorrow would be the package's as likely as ours.
const seed = Number(process.env["MSGBIN_TEST_SEED"] ?? 20_240_229);
console.log(`differential segmentation: MSGBIN_TEST_SEED=${seed}`);

const GSM =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà".split("");
const ESCAPED = "\f^{}\\[~]|€".split("");
const SINGLE_UNITS = "яжю一二三çáíóú`“”’–…".split("");
const PAIRS = ["😀", "🎉", "🚀", "𝒜", "𐍈"];
const CLUSTERS = ["🇩🇪", "🇫🇷", "👨‍👩‍👧‍👦", "e\u0301", "ñ\u0323", "👍🏽", "각"];

describe("sms-segments-calculator agrees", () => {
  it("on texts in the GSM alphabet", () => {
    forTexts([GSM, ESCAPED], 700, (text) => {
      const theirs = new SegmentedMessage(text);
      expect(theirs.encodingName).toBe("GSM-7");
      const ours = countParts(text, LONG);
      expect(ours).toMatchObject({
        encoding: "gsm7",
        parts: theirs.segmentsCount,
        units: theirs.numberOfCharacters,
      });
      expectSameParts(text, theirs, LONG);
    });
  });

  it("on texts of single characters in UCS-2", () => {
    forTexts([GSM.filter((character) => character !== "\r"), ESCAPED, SINGLE_UNITS, PAIRS], 400, (text) => {
      const theirs = new SegmentedMessage(text);
      const encoding = theirs.encodingName === "GSM-7" ? "gsm7" : "ucs2";
      expect(countParts(text, LONG)).toMatchObject({ encoding, parts: theirs.segmentsCount });
      expectSameParts(text, theirs, LONG);
    });
  });

  it("on texts with grapheme clusters when these are kept, and never counts fewer parts than the wire", () => {
    const keeping: TextProfile = { ...LONG, keepClusters: true };
    // Spaces around a cluster keep neighbours from joining into one that the two Unicode versions see differently.
    forTexts([SINGLE_UNITS, PAIRS, CLUSTERS.map((cluster) => ` ${cluster} `)], 300, (text) => {
      const theirs = new SegmentedMessage(text, "UCS-2");
      const options = { encoding: "ucs2" } as const;
      expect(countParts(text, keeping, options)).toMatchObject({ parts: theirs.segmentsCount });
      const wire = countParts(text, LONG, options);
      expect(wire.ok && wire.parts <= theirs.segmentsCount).toBe(true);
    });
  });

  it("not on a flag at the boundary, which it keeps whole where the standard does not", () => {
    const text = `${"я".repeat(65)}🇩🇪${"я".repeat(65)}`;
    expect(new SegmentedMessage(text).segmentsCount).toBe(3);
    expect(countParts(text, LONG)).toMatchObject({ parts: 2 });
  });
});

function expectSameParts(text: string, theirs: SegmentedMessage, profile: TextProfile): void {
  const ours = segment(text, profile, 1);
  if (!ours.ok) throw new Error(ours.reason);
  const bits = ours.encoding === "gsm7" ? 7 : 16;
  expect(ours.parts.map((part) => part.units * bits)).toEqual(
    theirs.segments.map((segment) => segment.messageSizeInBits()),
  );
}

/** Runs a check on random texts of up to `longest` draws, with runs of one character among them. */
function forTexts(
  pools: readonly (readonly string[])[],
  longest: number,
  check: (text: string) => void,
): void {
  const random = mulberry32(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  for (let count = 0; count < TEXTS; count++) {
    // Most texts draw nearly all from one pool, so that boundaries meet every kind of character.
    const favourite = pools[below(pools.length)] ?? [];
    const length = below(longest);
    let text = "";
    for (let drawn = 0; drawn < length; drawn++) {
      const pool = random() < 0.9 ? favourite : (pools[below(pools.length)] ?? []);
      text += pool[below(pool.length)] ?? "";
    }
    check(text);
  }
}

/** A small seeded generator of numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
