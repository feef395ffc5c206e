import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addMs, formatMicros, micros, NEVER, parseMicros } from "./micros.ts";

const YEAR_2255 = Date.UTC(2255, 0, 1) * 1_000;
const time = fc.integer({ min: 0, max: YEAR_2255 }).map(micros);

describe("a time", () => {
  it("is written as the contract writes it", () => {
    expect(formatMicros(micros(Date.UTC(2022, 2, 13, 15, 11, 5, 235) * 1_000 + 717))).toBe(
      "2022-03-13 15:11:05.235717",
    );
    expect(formatMicros(micros(0))).toBe("1970-01-01 00:00:00.000000");
    expect(formatMicros(micros(1))).toBe("1970-01-01 00:00:00.000001");
  });

  it("that is not set is written as the year 9999", () => {
    expect(formatMicros(null)).toBe(NEVER);
    expect(NEVER).toBe("9999-01-01 00:00:00.000000");
  });

  it("is read back to the microsecond, whichever the form", () => {
    fc.assert(
      fc.property(time, (at) => {
        const written = formatMicros(at);
        expect(written).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
        expect(parseMicros(written)).toBe(at);
        expect(parseMicros(`${written.replace(" ", "T")}Z`)).toBe(at);
      }),
    );
  });

  it("is written in an order that is the order of times", () => {
    fc.assert(
      fc.property(time, time, (one, other) => {
        expect(formatMicros(one) < formatMicros(other)).toBe(one < other);
      }),
    );
  });

  it.each([
    ["2022-03-13 15:11:05", 0],
    ["2022-03-13 15:11:05.2", 200_000],
    ["2022-03-13 15:11:05.235717", 235_717],
    ["2022-03-13T15:11:05.235717Z", 235_717],
    ["2022-03-13 15:11:05.235717999", 235_717],
  ])("is read from %s", (text, fraction) => {
    expect(parseMicros(text)).toBe(Date.UTC(2022, 2, 13, 15, 11, 5) * 1_000 + fraction);
  });

  it.each([
    "",
    "now",
    "2022-03-13",
    "2022-02-30 00:00:00",
    "2022-13-01 00:00:00",
    "2022-03-13 24:00:01",
    "2022-03-13 15:61:00",
    "2022-03-13 15:11:05.",
    "2022-03-13 15:11:05.1234567890",
    "2022-03-13 15:11:05+01:00",
    " 2022-03-13 15:11:05",
    "12022-03-13 15:11:05",
  ])("is not read from %j", (text) => {
    expect(parseMicros(text)).toBeNull();
  });

  it("is shifted by milliseconds and their fractions, also back", () => {
    expect(addMs(micros(5_000), 1.5)).toBe(6_500);
    expect(addMs(micros(5_000), -2)).toBe(3_000);
  });
});
