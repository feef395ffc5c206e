import { type Alphabet, DEFAULT_ALPHABET, DEFAULT_CHARACTERS, EXTENSION_CHARACTERS } from "./alphabet.ts";
import { indicLocking, scriptSingleShift, urduLocking } from "./script-tables.ts";
import { NOTHING, type ShiftTable, shiftTable, withCharacters } from "./shift-table.ts";

/** The national language identifiers of TS 23.038 §6.2.1.2.4, as they travel in the user data header. */
export const NATIONAL_LANGUAGES = {
  turkish: 1,
  spanish: 2,
  portuguese: 3,
  bengali: 4,
  gujarati: 5,
  hindi: 6,
  kannada: 7,
  malayalam: 8,
  oriya: 9,
  punjabi: 10,
  tamil: 11,
  telugu: 12,
  urdu: 13,
} as const;

/** A language that has tables of its own in TS 23.038 Annex A. */
export type NationalLanguage = keyof typeof NATIONAL_LANGUAGES;

/** Which tables replace the default ones; `undefined` leaves the default. */
export interface NationalTables {
  readonly locking: NationalLanguage | undefined;
  readonly singleShift: NationalLanguage | undefined;
}

/** The default tables of GSM 03.38, which need no announcement in a header. */
export const NO_NATIONAL_TABLES: NationalTables = { locking: undefined, singleShift: undefined };

/** The language behind an identifier from a header, or `undefined` for a reserved one. */
export function nationalLanguageOf(identifier: number): NationalLanguage | undefined {
  return LANGUAGE_BY_IDENTIFIER.get(identifier);
}

/** Whether the language has a locking shift table; Spanish has only a single shift table (TS 23.038 Annex A.3.2). */
export function hasLockingTable(language: NationalLanguage): boolean {
  return LOCKING_TABLES[language] !== undefined;
}

/** The pair of tables to write or read a text with. A language without a locking table keeps the default one. */
export function alphabetOf(tables: NationalTables): Alphabet {
  if (tables.locking === undefined && tables.singleShift === undefined) return DEFAULT_ALPHABET;
  return {
    locking: (tables.locking && LOCKING_TABLES[tables.locking]) ?? DEFAULT_ALPHABET.locking,
    singleShift: tables.singleShift ? SINGLE_SHIFT_TABLES[tables.singleShift] : DEFAULT_ALPHABET.singleShift,
  };
}

const LANGUAGE_BY_IDENTIFIER: ReadonlyMap<number, NationalLanguage> = new Map(
  // Object.entries widens the keys to string; they are the keys of the table just above.
  Object.entries(NATIONAL_LANGUAGES).map(([language, identifier]) => [
    identifier,
    language as NationalLanguage,
  ]),
);

const PORTUGUESE_LOCKING = [
  "@£$¥êéúíóç\nÔô\rÁá",
  `Δ_ªÇÀ∞^\\€Ó|${NOTHING}ÂâÊÉ`,
  " !\"#º%&'()*+,-./",
  "0123456789:;<=>?",
  "ÍABCDEFGHIJKLMNO",
  "PQRSTUVWXYZÃÕÚÜ§",
  "~abcdefghijklmno",
  "pqrstuvwxyzãõ`üà",
].join("");

const TURKISH_LOCKING = withCharacters(DEFAULT_CHARACTERS, {
  0x04: "€",
  0x07: "ı",
  0x0b: "Ğ",
  0x0c: "ğ",
  0x1c: "Ş",
  0x1d: "ş",
  0x40: "İ",
  0x60: "ç",
});

const TURKISH_SINGLE_SHIFT = withCharacters(EXTENSION_CHARACTERS, {
  0x47: "Ğ",
  0x49: "İ",
  0x53: "Ş",
  0x63: "ç",
  0x67: "ğ",
  0x69: "ı",
  0x73: "ş",
});

const SPANISH_SINGLE_SHIFT = withCharacters(EXTENSION_CHARACTERS, {
  0x09: "ç",
  0x41: "Á",
  0x49: "Í",
  0x4f: "Ó",
  0x55: "Ú",
  0x61: "á",
  0x69: "í",
  0x6f: "ó",
  0x75: "ú",
});

const PORTUGUESE_SINGLE_SHIFT = withCharacters(EXTENSION_CHARACTERS, {
  0x05: "ê",
  0x09: "ç",
  0x0b: "Ô",
  0x0c: "ô",
  0x0e: "Á",
  0x0f: "á",
  0x12: "Φ",
  0x13: "Γ",
  0x15: "Ω",
  0x16: "Π",
  0x17: "Ψ",
  0x18: "Σ",
  0x19: "Θ",
  0x1f: "Ê",
  0x41: "À",
  0x49: "Í",
  0x4f: "Ó",
  0x55: "Ú",
  0x5b: "Ã",
  0x5c: "Õ",
  0x61: "Â",
  0x69: "í",
  0x6f: "ó",
  0x75: "ú",
  0x7b: "ã",
  0x7c: "õ",
  0x7f: "â",
});

// Published transcriptions of Annex A contradict each other here and there. What is held here: Hindi 0x00 to 0x02 are its
// own signs (U+0901 …), not the Bengali ones. Kannada 0x24 is DDA (U+0CA1): the printed code repeats PA, which has its
// place at 0x3D, and would leave DDA without one. 0x2C of the Indic tables and Urdu is the comma: the apostrophe stands
// in their single shift tables.
const LOCKING_TABLES: Readonly<Record<NationalLanguage, ShiftTable | undefined>> = {
  turkish: shiftTable(TURKISH_LOCKING),
  spanish: undefined,
  portuguese: shiftTable(PORTUGUESE_LOCKING),
  bengali: shiftTable(indicLocking(0x0980, "0D 0E 11 12 29 31 33-35 45 46 49 4A", "4E 57 5C 5D 70 71")),
  gujarati: shiftTable(indicLocking(0x0a80, "0E 12 29 31 34 46 4A", "50 60-63 71")),
  hindi: shiftTable(indicLocking(0x0900, "", "50 72 7B 7C 7E 7F")),
  kannada: shiftTable(indicLocking(0x0c80, "01 0D 11 29 34 45 49", "55 56 60-63")),
  malayalam: shiftTable(indicLocking(0x0d00, "01 0D 11 29 3C 45 49", "57 60-63 79")),
  oriya: shiftTable(indicLocking(0x0b00, "0D 0E 11 12 29 31 34 45 46 49 4A", "56 57 60-63")),
  punjabi: shiftTable(indicLocking(0x0a00, "0B-0E 11 12 29 31 34 37 3D 43-46 49 4A", "51 70-74")),
  tamil: shiftTable(
    indicLocking(0x0b80, "01 0B-0D 11 16-18 1B 1D 20-22 25-27 2B-2D 3C 3D 43-45 49", "50 57 70-72 79"),
  ),
  telugu: shiftTable(indicLocking(0x0c00, "0D 11 29 34 3C 45 49", "55 56 60-63")),
  urdu: shiftTable(urduLocking()),
};

const SINGLE_SHIFT_TABLES: Readonly<Record<NationalLanguage, ShiftTable>> = {
  turkish: shiftTable(TURKISH_SINGLE_SHIFT),
  spanish: shiftTable(SPANISH_SINGLE_SHIFT),
  portuguese: shiftTable(PORTUGUESE_SINGLE_SHIFT),
  bengali: shiftTable(scriptSingleShift("09E6-09EF 09DF-09E3 09F2-09FA")),
  gujarati: shiftTable(scriptSingleShift("0964-0965 0AE6-0AEF")),
  hindi: shiftTable(scriptSingleShift("0964-096F 0951-0954 0958-0963 0970-0971")),
  kannada: shiftTable(scriptSingleShift("0964-0965 0CE6-0CEF 0CDE 0CF1-0CF2")),
  malayalam: shiftTable(scriptSingleShift("0964-0965 0D66-0D75 0D7A-0D7F")),
  oriya: shiftTable(scriptSingleShift("0964-0965 0B66-0B6F 0B5C-0B5D 0B5F 0B70-0B71")),
  punjabi: shiftTable(scriptSingleShift("0964-0965 0A66-0A6F 0A59-0A5C 0A5E 0A75")),
  tamil: shiftTable(scriptSingleShift("0964-0965 0BE6-0BEF 0BF3-0BF8 0BFA")),
  telugu: shiftTable(scriptSingleShift(". . 0C66-0C6F 0C58-0C59 0C78-0C7F")),
  urdu: shiftTable(
    scriptSingleShift("0600-0601 06F0-06F9 060C-0614 061B 061F 0640 0652 0658 066B-066C 0672-0673 06CD 06D4"),
  ),
};
