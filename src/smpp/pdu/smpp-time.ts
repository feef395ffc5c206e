/** A point in time or a span, as `schedule_delivery_time` and `validity_period` carry it (SMPP 3.4 §7.1.1). */
export type SmppTime =
  | { readonly kind: "absolute"; readonly epochMs: number }
  /** A span counted by the calendar from the time of the message centre. */
  | {
      readonly kind: "relative";
      readonly years: number;
      readonly months: number;
      readonly days: number;
      readonly hours: number;
      readonly minutes: number;
      readonly seconds: number;
    };

const QUARTER_MS = 15 * 60_000;
const SECOND_MS = 1_000;
const MAX_QUARTERS = 48;
const FIRST_MS = Date.UTC(2000, 0, 1);
const END_MS = Date.UTC(2100, 0, 1);
/** DD has no larger value; months are of unequal length, so a longer span is better said as a date. */
const MAX_RELATIVE_MS = 31 * 86_400_000;
const SHAPE = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d)(\d\d)([+\-R])$/;

/** `YYMMDDhhmmsstnn+` in UTC, tenths of a second cut off; for the years 2000 to 2099, else a RangeError. */
export function formatAbsoluteTime(epochMs: number): string {
  if (!(epochMs >= FIRST_MS && epochMs < END_MS)) throw new RangeError(`no absolute SMPP time: ${epochMs}`);
  const digits = new Date(epochMs).toISOString().replaceAll(/\D/g, "");
  return `${digits.slice(2, 15)}00+`;
}

/** `0000DDhhmmss000R`, rounded up to a second; for spans up to 31 days, else a RangeError. */
export function formatRelativeTime(durationMs: number): string {
  if (!(durationMs > 0 && durationMs <= MAX_RELATIVE_MS))
    throw new RangeError(`no relative SMPP time: ${durationMs}`);
  const seconds = Math.ceil(durationMs / SECOND_MS);
  const parts = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  return `0000${[...parts, seconds % 60].map(twoDigits).join("")}000R`;
}

/** Reads either form; undefined for what is neither, an impossible date included. An empty string means "not given". */
export function parseSmppTime(text: string): SmppTime | undefined {
  const match = SHAPE.exec(text);
  if (match === null) return undefined;
  const [years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0, tenths = 0, quarters = 0] =
    match.slice(1, 9).map(Number);
  if (match[9] === "R") return { kind: "relative", years, months, days, hours, minutes, seconds };
  if (quarters > MAX_QUARTERS) return undefined;
  const localMs = Date.UTC(2000 + years, months - 1, days, hours, minutes, seconds, tenths * 100);
  if (!isSameDate(localMs, match)) return undefined;
  const aheadMs = quarters * QUARTER_MS;
  return { kind: "absolute", epochMs: match[9] === "+" ? localMs - aheadMs : localMs + aheadMs };
}

/** The point in time that `time` means for a message accepted at `nowMs`. */
export function resolveSmppTime(time: SmppTime, nowMs: number): number {
  if (time.kind === "absolute") return time.epochMs;
  const date = new Date(nowMs);
  date.setUTCFullYear(date.getUTCFullYear() + time.years, date.getUTCMonth() + time.months);
  return (
    date.getTime() + (((time.days * 24 + time.hours) * 60 + time.minutes) * 60 + time.seconds) * SECOND_MS
  );
}

/** Date.UTC carries a 31st of February over into March; such a date is refused instead. */
function isSameDate(ms: number, match: readonly string[]): boolean {
  return new Date(ms).toISOString().replaceAll(/\D/g, "").slice(2, 14) === match.slice(1, 7).join("");
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
