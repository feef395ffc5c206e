import { describe, expect, it } from "vitest";
import { parseDuration } from "./duration.ts";

describe("a duration", () => {
  it.each([
    ["1s", 1_000],
    ["90s", 90_000],
    ["15m", 900_000],
    ["24h", 86_400_000],
    ["7d", 604_800_000],
    ["366d", 31_622_400_000],
  ])("%s is %i milliseconds", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(["", "0s", "7", "d", "7w", "-1d", "1.5h", "367d", "1h30m", " 1h", "9999999999s"])(
    "%j is none",
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );
});
