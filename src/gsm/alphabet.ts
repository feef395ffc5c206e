import {
  ESCAPE,
  NO_SEPTET,
  NOTHING,
  type ShiftTable,
  shiftTable,
  sparseCharacters,
  TABLE_REACH,
} from "./shift-table.ts";

/** The pair of tables that a 7-bit text is written with: one septet from the first, or ESC and one from the second. */
export interface Alphabet {
  readonly locking: ShiftTable;
  readonly singleShift: ShiftTable;
}

/** The GSM 7-bit default alphabet by septet, TS 23.038 §6.2.1; 0x1B is the escape and no character. */
export const DEFAULT_CHARACTERS = [
  "@£$¥èéùìòÇ\nØø\rÅå",
  `Δ_ΦΓΛΩΠΨΣΘΞ${NOTHING}ÆæßÉ`,
  " !\"#¤%&'()*+,-./",
  "0123456789:;<=>?",
  "¡ABCDEFGHIJKLMNO",
  "PQRSTUVWXYZÄÖÑÜ§",
  "¿abcdefghijklmno",
  "pqrstuvwxyzäöñüà",
].join("");

/**
 * The default extension table by septet, TS 23.038 §6.2.1.1. 0x0A is the page break, written as form feed; 0x0D (CR2)
 * and 0x1B (a further escape) are control codes that are never sent, so nothing stands there.
 */
export const EXTENSION_CHARACTERS = sparseCharacters({
  0x0a: "\f",
  0x14: "^",
  0x28: "{",
  0x29: "}",
  0x2f: "\\",
  0x3c: "[",
  0x3d: "~",
  0x3e: "]",
  0x40: "|",
  0x65: "€",
});

/** GSM 03.38 as every handset knows it: the default table and the default extension table. */
export const DEFAULT_ALPHABET: Alphabet = {
  locking: shiftTable(DEFAULT_CHARACTERS),
  singleShift: shiftTable(EXTENSION_CHARACTERS),
};

/**
 * How many septets the text takes, or `~index` (negative) of the first UTF-16 unit that the alphabet does not have.
 * `reach` narrows the alphabet to units below it: 0x80 for a carrier that takes ASCII, 0x100 for Latin-1.
 */
export function countSeptets(
  text: string,
  alphabet: Alphabet,
  reach: number = TABLE_REACH,
  start = 0,
  end: number = text.length,
): number {
  const locking = alphabet.locking.codes;
  const singleShift = alphabet.singleShift.codes;
  let septets = end - start;
  for (let index = start; index < end; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= reach) return ~index;
    if (locking[unit] !== NO_SEPTET) continue;
    if (singleShift[unit] === NO_SEPTET) return ~index;
    septets++;
  }
  return septets;
}

/** Writes text[start, end) at the front of `target`, one septet per octet; the text must be in the alphabet. */
export function writeSeptets(
  text: string,
  start: number,
  end: number,
  alphabet: Alphabet,
  target: Uint8Array,
): void {
  const locking = alphabet.locking.codes;
  const singleShift = alphabet.singleShift.codes;
  let at = 0;
  for (let index = start; index < end; index++) {
    const unit = text.charCodeAt(index);
    let septet = locking[unit] ?? NO_SEPTET;
    if (septet === NO_SEPTET) {
      target[at++] = ESCAPE;
      septet = singleShift[unit] ?? NO_SEPTET;
    }
    target[at++] = septet;
  }
}

/** The septets of a whole text, one per octet, or `undefined` when a character is not in the alphabet. */
export function encodeSeptets(text: string, alphabet: Alphabet = DEFAULT_ALPHABET): Uint8Array | undefined {
  const septets = countSeptets(text, alphabet);
  if (septets < 0) return undefined;
  const target = new Uint8Array(septets);
  writeSeptets(text, 0, text.length, alphabet, target);
  return target;
}

/**
 * The text of unpacked septets. As TS 23.038 §6.2.1.1 asks, an escape before a code that the single shift table lacks
 * shows the main table's character, and an escape before another escape, or at the end, shows a space. An octet above
 * 0x7F is no septet: it is read as Latin-1, which is what carriers that send such octets mean by it.
 */
export function decodeSeptets(septets: Uint8Array, alphabet: Alphabet = DEFAULT_ALPHABET): string {
  let text = "";
  for (let index = 0; index < septets.length; index++) {
    const septet = septets[index] ?? 0;
    if (septet === ESCAPE) text += escaped(septets[++index] ?? ESCAPE, alphabet);
    else text += unescaped(septet, alphabet);
  }
  return text;
}

function escaped(septet: number, alphabet: Alphabet): string {
  if (septet === ESCAPE) return " ";
  const character = alphabet.singleShift.characters[septet];
  return character === undefined || character === NOTHING ? unescaped(septet, alphabet) : character;
}

function unescaped(septet: number, alphabet: Alphabet): string {
  const character = alphabet.locking.characters[septet] ?? String.fromCharCode(septet);
  return character === NOTHING ? "\uFFFD" : character;
}
