import { type Micros, micros, MICROS_PER_MS, NEVER, parseMicros } from "../domain/micros.ts";
import { Refusal } from "./errors.ts";

const WITH_OFFSET = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?[+-]\d\d:\d\d$/;

/**
 * A time in the contract's form or in ISO 8601, with `Z` or an offset (then to the millisecond); null when it is neither, or
 * before 1970: ids hold their time, and cannot hold such a one.
 */
export function readTimeText(text: string): Micros | null {
  const time = WITH_OFFSET.test(text) ? micros(Date.parse(text) * MICROS_PER_MS) : parseMicros(text);
  return time !== null && time >= 0 ? time : null; // what Date cannot read is NaN, which is not
}

/** A time in a body; a missing or empty one and the sentinel for "not set" are undefined. */
export function readTimeField(text: string | undefined, field: string): Micros | undefined {
  if (text === undefined || text === "" || text === NEVER) return undefined;
  const time = readTimeText(text);
  if (time === null) throw new Refusal("INVALID_ARGUMENT", `${field} ${TIME_WANTED}`, { field });
  return time;
}

/** Completes the sentence "this parameter …". */
export const TIME_WANTED =
  "must be a UTC time since 1970, such as 2022-03-13 15:11:05.235717 or 2022-03-13T15:11:05Z";
