import { describe, expect, it } from "vitest";
import { formatAbsoluteTime, formatRelativeTime, parseSmppTime, resolveSmppTime } from "./smpp-time.ts";

const NOW = Date.UTC(2026, 10, 23, 21, 30, 0, 450);
const DAY = 86_400_000;

describe("absolute times", () => {
  it("are written in UTC with one digit of tenths and the plus", () => {
    expect(formatAbsoluteTime(NOW)).toBe("261123213000400+");
  });

  it("are read with their offset from UTC in quarters of an hour", () => {
    expect(parseSmppTime("261123213000400+")).toEqual({ kind: "absolute", epochMs: NOW - 50 });
    expect(parseSmppTime("261123223000004+")).toEqual({ kind: "absolute", epochMs: NOW - 450 });
    expect(parseSmppTime("261123203000004-")).toEqual({ kind: "absolute", epochMs: NOW - 450 });
  });

  it("survive writing and reading, leap day included", () => {
    for (const ms of [Date.UTC(2000, 0, 1), Date.UTC(2028, 1, 29, 23, 59, 59, 900), Date.UTC(2099, 11, 31)])
      expect(parseSmppTime(formatAbsoluteTime(ms))).toEqual({ kind: "absolute", epochMs: ms });
  });

  it("outside the century cannot be written", () => {
    for (const ms of [Date.UTC(1999, 11, 31), Date.UTC(2100, 0, 1), Number.NaN])
      expect(() => formatAbsoluteTime(ms)).toThrow(RangeError);
  });
});

describe("relative times", () => {
  it("are written as days, hours, minutes and seconds, rounded up", () => {
    expect(formatRelativeTime(2 * DAY)).toBe("000002000000000R");
    expect(formatRelativeTime(DAY + 3_723_001)).toBe("000001010204000R");
    expect(formatRelativeTime(1)).toBe("000000000001000R");
    expect(formatRelativeTime(31 * DAY)).toBe("000031000000000R");
  });

  it("of nothing, or beyond 31 days, cannot be written", () => {
    for (const ms of [0, -1, 31 * DAY + 1, Number.NaN])
      expect(() => formatRelativeTime(ms)).toThrow(RangeError);
  });

  it("are a span and no date", () => {
    const span = parseSmppTime("000002010203000R");
    expect(span).toEqual({
      kind: "relative",
      years: 0,
      months: 0,
      days: 2,
      hours: 1,
      minutes: 2,
      seconds: 3,
    });
    expect(span && resolveSmppTime(span, NOW)).toBe(NOW + 2 * DAY + 3_723_000);
    const year = parseSmppTime("010200000000000R");
    expect(year && resolveSmppTime(year, NOW)).toBe(Date.UTC(2028, 0, 23, 21, 30, 0, 450));
  });

  it("resolve to themselves when absolute", () => {
    expect(resolveSmppTime({ kind: "absolute", epochMs: 5 }, NOW)).toBe(5);
  });
});

describe("what is no time", () => {
  it.each([
    "",
    "261123213000",
    "2611232130000400+",
    "260230000000000+",
    "261123213000049+",
    "26112321300040x+",
    "261123246000000+",
  ])("%j is refused", (text) => {
    expect(parseSmppTime(text)).toBeUndefined();
  });
});
