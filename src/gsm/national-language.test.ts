import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { countSeptets, decodeSeptets, DEFAULT_ALPHABET, encodeSeptets } from "./alphabet.ts";
import {
  alphabetOf,
  hasLockingTable,
  NATIONAL_LANGUAGES,
  type NationalLanguage,
  nationalLanguageOf,
  NO_NATIONAL_TABLES,
} from "./national-language.ts";
import { indicLocking, scriptSingleShift } from "./script-tables.ts";
import { NOTHING, type ShiftTable } from "./shift-table.ts";

// SHA-256 over the 128 characters as UTF-16LE, first 16 digits, taken after every place had been compared with
// transcriptions of TS 23.038 Annex A by others; national-language.ts says where those differ.
const DIGESTS: Readonly<Record<NationalLanguage, { locking: string | undefined; singleShift: string }>> = {
  turkish: { locking: "7cf37dd679bfd079", singleShift: "f24647e8a69381fe" },
  spanish: { locking: undefined, singleShift: "5c1c824d78c7fb14" },
  portuguese: { locking: "e1a18a7dffa3a015", singleShift: "b795413918226c75" },
  bengali: { locking: "44541fcd24799822", singleShift: "fcff3193ed6d54d7" },
  gujarati: { locking: "a7a9f683c5d1c7a5", singleShift: "a2c9af72ab4b32f1" },
  hindi: { locking: "c02a64c8985d0533", singleShift: "4a1e30da648975d9" },
  kannada: { locking: "ff0247110dc055af", singleShift: "7b6165ede6f2d460" },
  malayalam: { locking: "f9a69c53634593c9", singleShift: "9f564293fb61542a" },
  oriya: { locking: "b636de867724b373", singleShift: "2184a01cc4e3fb2e" },
  punjabi: { locking: "0bd1db22633d5206", singleShift: "c0eaa8c0fa3f98f8" },
  tamil: { locking: "8a9c6f09fdd97be5", singleShift: "ddacd5e49ef4da11" },
  telugu: { locking: "0667562abc4cdb50", singleShift: "d57f64c53b09aeca" },
  urdu: { locking: "37fc33092d2b011d", singleShift: "3205cce68d45752a" },
};

const LANGUAGES = Object.keys(DIGESTS) as NationalLanguage[];

const digest = ({ characters }: ShiftTable) =>
  createHash("sha256").update(characters, "utf16le").digest("hex").slice(0, 16);

describe.each(LANGUAGES)("the tables of %s", (language) => {
  const alphabet = alphabetOf({ locking: language, singleShift: language });

  it("are the ones of TS 23.038 Annex A", () => {
    expect(hasLockingTable(language) ? digest(alphabet.locking) : undefined).toBe(DIGESTS[language].locking);
    expect(digest(alphabet.singleShift)).toBe(DIGESTS[language].singleShift);
  });

  it("write each of their characters so that it is read back", () => {
    const characters = (alphabet.locking.characters + alphabet.singleShift.characters).split("");
    for (const character of characters.filter((candidate) => candidate !== NOTHING)) {
      const septets = encodeSeptets(character, alphabet);
      expect(septets && decodeSeptets(septets, alphabet)).toBe(character);
    }
  });

  it("never write the control codes 1B 0D and 1B 1B", () => {
    expect(alphabet.singleShift.characters[0x0d]).toBe(NOTHING);
    expect(alphabet.singleShift.characters[0x1b]).toBe(NOTHING);
    expect(alphabet.locking.characters[0x1b]).toBe(NOTHING);
  });

  it("go by the identifier of TS 23.038 §6.2.1.2.4", () => {
    expect(nationalLanguageOf(NATIONAL_LANGUAGES[language])).toBe(language);
  });
});

describe("alphabetOf", () => {
  it("takes two septets for a Turkish letter of the single shift table and one for that of the locking table", () => {
    expect(countSeptets("ğ", alphabetOf({ locking: undefined, singleShift: "turkish" }))).toBe(2);
    expect(countSeptets("ğ", alphabetOf({ locking: "turkish", singleShift: undefined }))).toBe(1);
    expect(countSeptets("ğ", DEFAULT_ALPHABET)).toBe(~0);
  });

  it("keeps the default extension beside a locking table alone", () => {
    expect(countSeptets("€[", alphabetOf({ locking: "urdu", singleShift: undefined }))).toBe(4);
  });

  it("keeps the default table for Spanish, which has no locking table", () => {
    expect(alphabetOf({ locking: "spanish", singleShift: undefined }).locking).toBe(DEFAULT_ALPHABET.locking);
  });

  it("is the default alphabet without national tables", () => {
    expect(alphabetOf(NO_NATIONAL_TABLES)).toBe(DEFAULT_ALPHABET);
  });

  it("shows the replacement character for a place that a locking table leaves empty", () => {
    const tamil = alphabetOf({ locking: "tamil", singleShift: "tamil" });
    expect(decodeSeptets(Uint8Array.from([0x00, 0x01]), tamil)).toBe("\uFFFD\u0B82");
  });
});

describe("nationalLanguageOf", () => {
  it.each([0, 14, 255])("knows no language %i", (identifier) => {
    expect(nationalLanguageOf(identifier)).toBeUndefined();
  });
});

describe("the script frames", () => {
  it("refuse more letters than they have places", () => {
    expect(() => indicLocking(0x0900, "", "50 72 7B 7C 7E 7F")).not.toThrow();
    expect(() => indicLocking(0x0900, "", "50 72 7B 7C 7E 7F 7F")).toThrow(RangeError);
    expect(() => scriptSingleShift("0900-091F")).not.toThrow();
    expect(() => scriptSingleShift("0900-0920")).toThrow(RangeError);
  });
});
