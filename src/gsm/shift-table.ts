/** Stands in a table where the standard defines no character (U+FFFF is no character itself). */
export const NOTHING = "\uFFFF";

/** What `codes` holds for a character that the table does not have; no septet has this value. */
export const NO_SEPTET = 0xff;

/** The septet that announces one character of the single shift table (TS 23.038 §6.2.1). */
export const ESCAPE = 0x1b;

/**
 * One past the highest code unit that any table has (∞ U+221E in the Portuguese one). It keeps a table's lookup at
 * 8.7 kB, small enough for the default pair to stay in the first-level cache.
 */
export const TABLE_REACH = 0x2220;

/** One table of 128 characters, readable both ways. */
export interface ShiftTable {
  /** Exactly 128 UTF-16 units, indexed by septet; NOTHING where there is no character. */
  readonly characters: string;
  /** Indexed by UTF-16 unit below TABLE_REACH: the septet, or NO_SEPTET. */
  readonly codes: Uint8Array;
}

/** Builds a table from its 128 characters; a character that stands twice is encoded at its first place. */
export function shiftTable(characters: string): ShiftTable {
  if (characters.length !== 128) {
    throw new RangeError(`a shift table has 128 characters, not ${characters.length}`);
  }
  const codes = new Uint8Array(TABLE_REACH).fill(NO_SEPTET);
  for (let septet = 127; septet >= 0; septet--) {
    if (characters[septet] !== NOTHING) codes[characters.charCodeAt(septet)] = septet;
  }
  return { characters, codes };
}

/** A table's 128 characters from the few places that are filled; everything else is NOTHING. */
export function sparseCharacters(filled: Readonly<Record<number, string>>): string {
  return withCharacters(NOTHING.repeat(128), filled);
}

/** The 128 characters of a table that differs from another at a few places, keyed by septet. */
export function withCharacters(base: string, changed: Readonly<Record<number, string>>): string {
  const characters = base.split("");
  for (const [septet, character] of Object.entries(changed)) characters[Number(septet)] = character;
  return characters.join("");
}
