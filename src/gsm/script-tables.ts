import { NOTHING } from "./shift-table.ts";

// In TS 23.038 Annex A the tables of the nine Indic scripts and of Urdu share one frame: digits, lower-case Latin and
// a little punctuation at fixed places, the script's letters poured into the rest. `·` is a place for the next letter,
// `¬` a place without a character; neither occurs in any table.

const LOCKING_FRAME = [
  "··········\n··\r··",
  "···········¬····",
  " !······)(··,·.·",
  "0123456789:;···?",
  "················",
  "················",
  "·abcdefghijklmno",
  "pqrstuvwxyz·····",
].join("");

const SINGLE_SHIFT_FRAME = [
  "@£$¥¿\"¤%&'\f*+¬-/",
  "<=>¡^¡_#*··¬····",
  "········{}·····\\",
  "············[~]·",
  "|ABCDEFGHIJKLMNO",
  "PQRSTUVWXYZ¬¬¬¬¬",
  "¬¬¬¬¬€¬¬¬¬¬¬¬¬¬¬",
  "¬¬¬¬¬¬¬¬¬¬¬¬¬¬¬¬",
].join("");

/** Offsets into a script's Unicode block, in the order the locking tables list them (Annex A.3.4 to A.3.12). */
const INDIC_ORDER = "01-03 05-39 3C-4D";

/**
 * The 128 characters of an Indic locking shift table. `absent` names the offsets of the common order that the script
 * leaves empty, `last` the six offsets of the places 0x60 and 0x7B to 0x7F. All offsets are hexadecimal.
 */
export function indicLocking(block: number, absent: string, last: string): string {
  const isAbsent = new Set(codePoints(absent));
  const letters = codePoints(INDIC_ORDER).map((offset) =>
    offset === undefined || isAbsent.has(offset) ? undefined : block + offset,
  );
  return fill(LOCKING_FRAME, [...letters, ...codePoints(last).map((offset) => block + (offset ?? 0))]);
}

/** The 128 characters of the Urdu locking shift table (Annex A.3.13), whose letters follow no block's order. */
export function urduLocking(): string {
  const letters =
    "0627 0622 0628 067B 0680 067E 06A6 062A 06C2 067F 0679 067D 067A 067C " +
    "062B 062C 0681 0684 0683 0685-0687 062D-062F 068C 0688-068A " +
    "068F 068D 0630 0631 0691 0693 0699 0632 0696 0698 069A 0633 0634 " +
    "0635-0639 0641 0642 06A9-06AB 06AF 06B3 06B1 0644-0646 " +
    "06BA-06BC 0648 06C4 06D5 06C1 06BE 0621 06CC 06D0 06D2 064D 0650 064F 0657 " +
    "0654 0655 0651 0653 0656 0670";
  return fill(LOCKING_FRAME, codePoints(letters));
}

/**
 * The 128 characters of a single shift table from Annex A.2.4 to A.2.13. `letters` are the script's code points in the
 * order of their places from 0x19, a dot for an empty place; places past the last letter stay empty.
 */
export function scriptSingleShift(letters: string): string {
  return fill(SINGLE_SHIFT_FRAME, codePoints(letters));
}

function fill(frame: string, letters: readonly (number | undefined)[]): string {
  let next = 0;
  const characters = Array.from(frame, (place) => {
    if (place === "¬") return NOTHING;
    if (place !== "·") return place;
    const letter = letters[next++];
    return letter === undefined ? NOTHING : String.fromCharCode(letter);
  });
  if (letters.length > next) throw new RangeError(`${letters.length} letters for ${next} places`);
  return characters.join("");
}

/** Reads `0905-0907 0910 .` as [0x905, 0x906, 0x907, 0x910, undefined]. */
function codePoints(runs: string): (number | undefined)[] {
  return runs.split(" ").flatMap((run) => {
    if (run === "") return [];
    if (run === ".") return [undefined];
    const [first = "", last = first] = run.split("-");
    const from = Number.parseInt(first, 16);
    return Array.from({ length: Number.parseInt(last, 16) - from + 1 }, (_, step) => from + step);
  });
}
