import { describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { countSeptets, decodeSeptets } from "./alphabet.ts";
import { USER_DATA_OCTETS } from "./capacity.ts";
import { dataCodingOf } from "./data-coding.ts";
import { decodeLatin1 } from "./latin-1.ts";
import { replaceLookAlikes } from "./look-alikes.ts";
import { alphabetOf, NATIONAL_LANGUAGES, type NationalLanguage } from "./national-language.ts";
import { countParts, segment, type Segmentation } from "./segmentation.ts";
import { fillBits, packedLength, unpackSeptets } from "./septets.ts";
import type { TextPart } from "./text-body.ts";
import type { TextOptions } from "./text-layout.ts";
import type { TextProfile } from "./text-profile.ts";
import { concatenationOf } from "./udh.ts";
import { decodeUserData } from "./user-data-decoding.ts";

const seed = Number(process.env["MSGBIN_TEST_SEED"] ?? Date.now() % 2 ** 31);
console.log(`segmentation properties: MSGBIN_TEST_SEED=${seed}`);

const GSM = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./059:;<=>?¡AMZÄÖÑÜ§¿amzäöñüà".split("");
const ESCAPED = "\f^{}\\[~]|€".split("");
const LATIN = "çáíóú`\t\u00a0".split("");
const LOOK_ALIKES = "“”‘’–—…«»".split("");
const NATIONAL = "ğşıİãõâêकखगAকঅ،ٹ".split("");
const WIDE = ["一", "я", "😀", "🇩🇪", "👨‍👩‍👧‍👦", "e\u0301", "\ud83d", "\ude00", "\u200d", "한"];

const pieces = (characters: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...characters), fc.integer({ min: 1, max: 90 }))
    .map(([piece, times]) => piece.repeat(times));
const mixture = (...pools: readonly (readonly string[])[]) =>
  fc
    .array(fc.oneof(...pools.map(pieces), fc.constantFrom(...pools.flat())), { maxLength: 14 })
    .map((all) => all.join(""));
const text = fc.oneof(
  mixture(GSM, ESCAPED),
  mixture(GSM, ESCAPED, LATIN),
  mixture(GSM, LOOK_ALIKES),
  mixture(GSM, ESCAPED, NATIONAL),
  mixture(GSM, WIDE),
);

// Object.keys widens to string; these are the table's own keys.
const languages = fc.subarray(Object.keys(NATIONAL_LANGUAGES) as NationalLanguage[], { maxLength: 3 });
const profile: fc.Arbitrary<TextProfile> = fc.record({
  alphabet: fc.constantFrom("gsm7", "gsm7", "latin1", "ascii"),
  packing: fc.constantFrom("unpacked", "packed"),
  referenceBits: fc.constantFrom(8, 16),
  nationalLanguages: fc.record({ locking: languages, singleShift: languages }),
  lookAlikes: fc.boolean(),
  keepClusters: fc.boolean(),
  maxParts: fc.constantFrom(255, 10),
  flashCoding: fc.constant("general" as const),
});
const options: fc.Arbitrary<TextOptions> = fc.record({
  encoding: fc.constantFrom("auto", "auto", "auto", "gsm7", "ucs2", "latin1"),
  header: fc.constantFrom([], [{ kind: "ports", portBits: 16, destination: 2948, source: 9200 }]),
});

interface Given {
  readonly text: string;
  readonly profile: TextProfile;
  readonly options: TextOptions;
}

/** Runs a check on the segmentation of many texts, under profiles for which `isWanted`. */
function forEverySegmentation(
  check: (segmentation: Segmentation, given: Given) => void,
  isWanted: (profile: TextProfile) => boolean = () => true,
): void {
  let checked = 0;
  fc.assert(
    fc.property(text, profile.filter(isWanted), options, (text, profile, options) => {
      const segmentation = segment(text, profile, 0xabcd, options);
      if (!segmentation.ok) return;
      check(segmentation, { text, profile, options });
      if (segmentation.parts.length > 1) checked++;
    }),
    { seed, numRuns: 1_500 },
  );
  // A property that sees no message of several parts says nothing.
  expect(checked).toBeGreaterThan(100);
}

describe("of any text under any profile", () => {
  it("counting and cutting say the same", () => {
    fc.assert(
      fc.property(text, profile, options, (text, profile, options) => {
        const segmentation = segment(text, profile, 1, options);
        const same = segmentation.ok ? { ...segmentation, parts: segmentation.parts.length } : segmentation;
        expect(countParts(text, profile, options)).toEqual(same);
      }),
      { seed, numRuns: 1_500 },
    );
  });

  it("the parts together are the text, or what it was said to become", () => {
    forEverySegmentation((segmentation, { text, profile }) => {
      const { encoding, parts, units } = segmentation;
      expect(parts.map((part) => part.text).join("")).toBe(segmentation.text);
      expect(parts.reduce((sum, part) => sum + part.units, 0)).toBe(units);
      const allowed = encoding === "ucs2" ? [text.toWellFormed()] : [text];
      if (profile.lookAlikes && encoding === "gsm7") allowed.push(replaceLookAlikes(text));
      expect(allowed).toContain(segmentation.text);
    });
  });

  it("every part reads back as its slice, so no pair is split", () => {
    forEverySegmentation((segmentation, { profile }) => {
      for (const part of segmentation.parts) {
        expect(readBack(part, segmentation, profile)).toBe(part.text);
        expect(segmentation.encoding !== "ucs2" || part.text.isWellFormed()).toBe(true);
      }
    });
  });

  it("every part fits into 140 octets of user data", () => {
    forEverySegmentation(({ encoding, parts, partCapacity }) => {
      for (const { udh, body, units } of parts) {
        const header = udh?.length ?? 0;
        expect(units).toBeLessThanOrEqual(partCapacity);
        const onAir = encoding === "gsm7" ? packedLength(units, fillBits(header)) : body.length;
        expect(header + onAir).toBeLessThanOrEqual(USER_DATA_OCTETS);
      }
    });
  });

  it("packed septets are as long as they will be on air", () => {
    forEverySegmentation(
      ({ encoding, parts }) => {
        for (const { udh, body, units } of parts) {
          const onAir = encoding === "gsm7" ? packedLength(units, fillBits(udh?.length ?? 0)) : body.length;
          expect(body).toHaveLength(onAir);
        }
      },
      ({ packing, alphabet }) => packing === "packed" && alphabet === "gsm7",
    );
  });

  it("no part could have taken the next one's first character", () => {
    forEverySegmentation(
      ({ encoding, tables, parts, partCapacity }) => {
        for (const [index, next] of parts.slice(1).entries()) {
          const first = String.fromCodePoint(next.text.codePointAt(0) ?? 0);
          const more = encoding === "gsm7" ? countSeptets(first, alphabetOf(tables)) : first.length;
          expect((parts[index]?.units ?? 0) + more).toBeGreaterThan(partCapacity);
        }
      },
      ({ keepClusters }) => !keepClusters,
    );
  });

  it("the headers number the parts and repeat what every part carries", () => {
    forEverySegmentation(({ encoding, parts }, { profile, options }) => {
      const reference = profile.referenceBits === 16 ? 0xabcd : 0xcd;
      const total = parts.length;
      const numbers = parts.map((part) => {
        const decoded = decodeUserData(
          part.octets,
          dataCodingOf(encoding, false) ?? -1,
          part.udh !== undefined,
          profile,
        );
        if (!decoded.ok) throw new Error("a header of ours does not read");
        expect(decoded.elements).toEqual(expect.arrayContaining([...(options.header ?? [])]));
        return concatenationOf(decoded.elements);
      });
      const { referenceBits } = profile;
      expect(numbers).toEqual(
        parts.map((_, index) =>
          total === 1
            ? undefined
            : { kind: "concatenation", referenceBits, reference, total, sequence: index + 1 },
        ),
      );
    });
  });

  it("with clusters kept, a part ends inside one only if it starts inside it too", () => {
    const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });
    forEverySegmentation(
      ({ text, parts }) => {
        const boundaries = Array.from(graphemes.segment(text), ({ index }) => index).concat(text.length);
        let start = 0;
        for (const part of parts) {
          const from = start;
          const end = from + part.text.length;
          const isWithinOneCluster = !boundaries.some((boundary) => boundary > from && boundary <= end);
          expect(boundaries.includes(end) || isWithinOneCluster).toBe(true);
          start = end;
        }
      },
      ({ keepClusters }) => keepClusters,
    );
  });
});

/** The text of a part as a receiver gets it who knows the count of septets, as a handset does. */
function readBack(
  part: TextPart,
  { encoding, tables }: Segmentation,
  profile: TextProfile,
): string | undefined {
  if (encoding === "gsm7" && profile.alphabet === "gsm7" && profile.packing === "packed") {
    const septets = unpackSeptets(part.body, fillBits(part.udh?.length ?? 0), part.units);
    return decodeSeptets(septets, alphabetOf(tables));
  }
  if (encoding === "gsm7" && profile.alphabet !== "gsm7") return decodeLatin1(part.body);
  const decoded = decodeUserData(
    part.octets,
    dataCodingOf(encoding, false) ?? -1,
    part.udh !== undefined,
    profile,
  );
  return decoded.ok && decoded.content.kind === "text" ? decoded.content.text : undefined;
}
