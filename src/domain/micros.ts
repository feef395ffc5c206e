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
  const ms = Math.floor(time / MICROS_PER_MS);
  const iso = new Date(ms).toISOString();
  const rest = time - ms * MICROS_PER_MS;
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}${String(rest).padStart(3, "0")}`;
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
