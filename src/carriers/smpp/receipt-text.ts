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

type Label = keyof ReceiptText | "text" | "other";

const LABELS: Readonly<Record<string, Label>> = {
  id: "id",
  sub: "other",
  dlvrd: "other",
  submitdate: "submitDate",
  donedate: "doneDate",
  stat: "stat",
  err: "err",
  text: "text",
};

/** A label at the start or after white space or a separator, and what follows it up to the next white space. */
const FIELD =
  /(?:^|[\s,;])(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err|text):(?: (?!(?:id|sub|dlvrd|submit|done|stat|err|text)\b))?([^\s]*)/gi;

/** A receipt is short; of anything longer only the beginning is read. */
const MAX_CHARACTERS = 1_024;

/**
 * Reads the fields in whatever order and case they come. `text:` may quote a message that holds labels of its own, and may
 * stand in the middle: fields before it count as they are, a field that is missing there is looked for behind it, the last one
 * first.
 */
export function parseReceiptText(receipt: string): ReceiptText {
  const before: Fields = {};
  const behind: Fields = {};
  let isBehindText = false;
  for (const [, label = "", value = ""] of receipt.slice(0, MAX_CHARACTERS).matchAll(FIELD)) {
    const name = LABELS[label.toLowerCase().replace(/[ _]/, "")];
    if (name === "text") isBehindText = true;
    else if (name === undefined || name === "other" || value === "") continue;
    else if (isBehindText) behind[name] = value;
    else before[name] ??= value;
  }
  return {
    id: before.id ?? behind.id,
    submitDate: before.submitDate ?? behind.submitDate,
    doneDate: before.doneDate ?? behind.doneDate,
    stat: before.stat ?? behind.stat,
    err: before.err ?? behind.err,
  };
}

type Fields = { -readonly [name in keyof ReceiptText]?: string };

/** Whether a text reads like a receipt: it has an id and a state. */
export function readsLikeReceipt(text: string): boolean {
  const { id, stat } = parseReceiptText(text);
  return id !== undefined && stat !== undefined;
}

const DATE_FORM = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?$/;
const MS_PER_MINUTE = 60_000;

/**
 * The time of a receipt's date, `YYMMDDhhmm` with or without seconds or with four digits for the year, in milliseconds since
 * 1970; null when it is none. The zone is the carrier's: `zoneMinutes` east of UTC.
 */
export function parseReceiptDate(date: string, zoneMinutes: number): number | null {
  // Twelve digits have seconds and a year of two: nobody is known to write YYYYMMDDhhmm.
  const [, year = "", month, day, hour, minute, second = "00"] =
    DATE_FORM.exec(date.length === 12 ? `20${date}` : date) ?? [];
  if (year === "") return null;
  const century = year.length === 2 ? "20" : "";
  const ms = Date.parse(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? null : ms - zoneMinutes * MS_PER_MINUTE;
}
