/**
 * What the text of a receipt says (SMPP 3.4 Appendix B, which is only a suggestion: each carrier has a dialect). Undefined is a
 * field that was not there.
 */
export interface ReceiptText {
  readonly id: string | undefined;
  readonly submitDate: string | undefined;
  readonly doneDate: string | undefined;
  /** As it was written: not always seven letters, not always upper case. */
  readonly stat: string | undefined;
  /** One to four characters or more, not always digits. */
  readonly err: string | undefined;
}

type Field = keyof ReceiptText;
type Fields = { -readonly [name in Field]?: string };

/** The word before a colon, in lower case; `date` belongs to the word before it. */
const LABELS: ReadonlyMap<string, Field | "text" | "other" | "date"> = new Map([
  ["id", "id"],
  ["sub", "other"],
  ["dlvrd", "other"],
  ["date", "date"],
  ["submitdate", "submitDate"],
  ["submit_date", "submitDate"],
  ["donedate", "doneDate"],
  ["done_date", "doneDate"],
  ["stat", "stat"],
  ["err", "err"],
  ["text", "text"],
]);

/** A receipt is short; of anything longer only the beginning is read. */
const MAX_CHARACTERS = 1_024;

/**
 * Reads the fields in whatever order and case they come. `text:` may quote a message that holds labels of its own, and may
 * stand in the middle: fields before it count as they are, a field that is missing there is looked for behind it, the last one
 * first.
 */
export function parseReceiptText(receipt: string): ReceiptText {
  const text = receipt.length > MAX_CHARACTERS ? receipt.slice(0, MAX_CHARACTERS) : receipt;
  const before: Fields = {};
  const behind: Fields = {};
  let isBehindText = false;
  for (let colon = text.indexOf(":"); colon >= 0; colon = text.indexOf(":", colon + 1)) {
    const label = labelBefore(text, colon);
    if (label === "text") isBehindText = true;
    if (label === undefined || label === "text" || label === "other") continue;
    const value = valueAfter(text, colon);
    if (value === "") continue;
    if (isBehindText) behind[label] = value;
    else before[label] ??= value;
  }
  return {
    id: before.id ?? behind.id,
    submitDate: before.submitDate ?? behind.submitDate,
    doneDate: before.doneDate ?? behind.doneDate,
    stat: before.stat ?? behind.stat,
    err: before.err ?? behind.err,
  };
}

/** Whether a text reads like a receipt: it has an id and a state. */
export function readsLikeReceipt(text: string): boolean {
  const { id, stat } = parseReceiptText(text);
  return id !== undefined && stat !== undefined;
}

function labelBefore(text: string, colon: number): Field | "text" | "other" | undefined {
  const start = startOfWord(text, colon);
  const label = LABELS.get(text.slice(start, colon).toLowerCase());
  if (label !== "date") return label;
  const previous = text.slice(startOfWord(text, start - 1), start - 1).toLowerCase();
  if (previous === "submit") return "submitDate";
  return previous === "done" ? "doneDate" : undefined;
}

/** From the colon to the next white space or separator; one space may stand between, unless the next word is a label and the value empty. */
function valueAfter(text: string, colon: number): string {
  const isSpaced = text.charCodeAt(colon + 1) === SPACE;
  const start = isSpaced ? colon + 2 : colon + 1;
  const value = text.slice(start, endOfWord(text, start));
  return isSpaced && beginsWithLabel(value) ? "" : value;
}

function beginsWithLabel(word: string): boolean {
  const end = word.indexOf(":");
  const label = (end < 0 ? word : word.slice(0, end)).toLowerCase();
  return end < 0 ? label === "submit" || label === "done" : LABELS.has(label);
}

const SPACE = 0x20;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;

function startOfWord(text: string, end: number): number {
  let start = end;
  while (start > 0 && !isSeparator(text.charCodeAt(start - 1))) start--;
  return start;
}

function endOfWord(text: string, start: number): number {
  let end = start;
  while (end < text.length && !isSeparator(text.charCodeAt(end))) end++;
  return end;
}

function isSeparator(code: number): boolean {
  return code <= SPACE || code === COMMA || code === SEMICOLON;
}

const MS_PER_MINUTE = 60_000;
const DATE_FORM = /^(?:\d{10}|\d{12}|\d{14})$/;

/**
 * The time of a receipt's date, `YYMMDDhhmm` with or without seconds or with four digits for the year, in milliseconds since
 * 1970; null when it is none. The zone is the carrier's: `zoneMinutes` east of UTC.
 */
export function parseReceiptDate(date: string, zoneMinutes: number): number | null {
  if (!DATE_FORM.test(date)) return null;
  // Twelve digits have seconds and a year of two: nobody is known to write YYYYMMDDhhmm.
  const at = date.length === 14 ? 4 : 2;
  const year = at === 4 ? Number(date.slice(0, 4)) : 2_000 + pairAt(date, 0);
  const [month, day, hour, minute] = [0, 2, 4, 6].map((offset) => pairAt(date, at + offset));
  const second = date.length === 10 ? 0 : pairAt(date, at + 8);
  const ms = Date.UTC(year, (month ?? 0) - 1, day, hour, minute, second);
  // Date.UTC carries what is too much over into the next unit.
  const isReal = new Date(ms).getUTCMonth() + 1 === month && hour !== undefined && hour < 24;
  return isReal ? ms - zoneMinutes * MS_PER_MINUTE : null;
}

function pairAt(digits: string, index: number): number {
  return (digits.charCodeAt(index) - ZERO) * 10 + digits.charCodeAt(index + 1) - ZERO;
}

const ZERO = 0x30;
