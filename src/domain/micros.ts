/** Whole microseconds since 1970-01-01 UTC. Exact in a JavaScript number until the year 2255. */
export type Micros = number & { readonly __unit: "micros" };

export const MICROS_PER_MS = 1_000;
export const MICROS_PER_SECOND = 1_000_000;

/** What clients read where a time is not set ("not deleted", "not updated"); the store keeps NULL instead. */
export const NEVER = "9999-01-01 00:00:00.000000";

/** Brands a plain number that is known to hold microseconds, such as a column read from the store. */
export function micros(value: number): Micros {
  return value as Micros; // the one place where the brand is given: every caller has just read or computed microseconds
}

/** Shifts a time by a number of milliseconds, which may be negative. */
export function addMs(time: Micros, ms: number): Micros {
  return micros(time + Math.round(ms * MICROS_PER_MS));
}

/** Renders a time as the contract writes it, `2022-03-13 15:11:05.235717`; null becomes {@link NEVER}. */
export function formatMicros(time: Micros | null): string {
  if (time === null) return NEVER;
  const seconds = Math.floor(time / MICROS_PER_SECOND);
  if (seconds !== lastSeconds) [lastSeconds, lastText] = [seconds, formatSeconds(seconds)];
  return lastText + sixDigits(time - seconds * MICROS_PER_SECOND);
}

/** The second that was written last, and how: times that are written one after the other are nearly always of the same. */
let [lastSeconds, lastText] = [Number.NaN, ""];

function formatSeconds(seconds: number): string {
  const [year, month, day] = civilDate(Math.floor(seconds / SECONDS_PER_DAY));
  const second = seconds - Math.floor(seconds / SECONDS_PER_DAY) * SECONDS_PER_DAY;
  const [hours, minutes] = [Math.floor(second / 3_600), Math.floor(second / 60) % 60];
  return `${String(year).padStart(4, "0")}-${pair(month)}-${pair(day)} ${pair(hours)}:${pair(minutes)}:${pair(second % 60)}.`;
}

const SECONDS_PER_DAY = 86_400;
const DAYS_PER_ERA = 146_097;
/** From 0000-03-01 to 1970-01-01. */
const EPOCH_DAYS = 719_468;

/**
 * Year, month and day of a day since 1970. By arithmetic in eras of 400 years whose years begin in March, so that the leap
 * day is the last: a Date with its text costs ten times as much, and every message shows five times.
 */
function civilDate(day: number): readonly [year: number, month: number, day: number] {
  const days = day + EPOCH_DAYS;
  const era = Math.floor(days / DAYS_PER_ERA);
  const ofEra = days - era * DAYS_PER_ERA;
  const leaps = Math.floor(ofEra / 1_460) - Math.floor(ofEra / 36_524) + Math.floor(ofEra / 146_096);
  const yearOfEra = Math.floor((ofEra - leaps) / 365);
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return [year, month, ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1];
}

function pair(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function sixDigits(value: number): string {
  return value >= 100_000 ? String(value) : String(value).padStart(6, "0");
}

const TIME_FORM = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z?$/;

/**
 * Reads a UTC time in the contract's form or in ISO 8601 with `Z`; null when it is neither or names no real date.
 * Digits past the sixth are cut.
 */
export function parseMicros(text: string): Micros | null {
  const match = TIME_FORM.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction = ""] = match;
  const seconds = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(seconds)) return null;
  if (new Date(seconds).getUTCDate() !== Number(day)) return null; // Date rolls 30 February over into March
  return micros(seconds * MICROS_PER_MS + Number(fraction.slice(0, 6).padEnd(6, "0")));
}
