import { describe, expect, it } from "vitest";
import { micros } from "../domain/micros.ts";
import { ATTEMPTS_MAX, parseRetryAfter, RETRY_AFTER_MAX_MS, retryAt } from "./retry-schedule.ts";

const NOW = micros(Date.UTC(2026, 10, 23, 12) * 1_000);
const MIDDLE = (): number => 0.5;

function delaySeconds(attempts: number, retryAfterMs: number | null = null, random = MIDDLE): number | null {
  const at = retryAt(NOW, attempts, retryAfterMs, random);
  return at === null ? null : (at - NOW) / 1_000_000;
}

describe("retryAt", () => {
  it("follows the schedule and then gives up", () => {
    const delays = Array.from({ length: ATTEMPTS_MAX }, (_, index) => delaySeconds(index + 1));
    expect(delays).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 36_000, null]);
  });

  it("spreads each delay over a tenth to both sides", () => {
    expect(delaySeconds(2, null, () => 0)).toBeCloseTo(270);
    expect(delaySeconds(2, null, () => 0.999_999)).toBeCloseTo(330, 2);
  });

  it("comes no earlier than the receiver asked, and no earlier than the schedule", () => {
    expect(delaySeconds(1, 60_000)).toBe(60);
    expect(delaySeconds(2, 60_000)).toBe(300);
  });

  it("gives up whatever the receiver asks", () => {
    expect(delaySeconds(ATTEMPTS_MAX, 60_000)).toBeNull();
  });
});

describe("parseRetryAfter", () => {
  it.each([
    ["0", 0],
    ["120", 120_000],
    ["86400", RETRY_AFTER_MAX_MS],
    ["86401", RETRY_AFTER_MAX_MS],
    ["99999999999999999999", RETRY_AFTER_MAX_MS],
    ["Mon, 23 Nov 2026 12:00:30 GMT", 30_000],
    ["Mon, 23 Nov 2026 11:00:00 GMT", 0],
    ["Tue, 23 Nov 2027 12:00:00 GMT", RETRY_AFTER_MAX_MS],
    ["soon", null],
    ["", null],
    ["-1", null],
  ])("reads %j as %s ms", (value, expected) => {
    expect(parseRetryAfter(value, NOW)).toBe(expected);
  });

  it("takes a missing header and a repeated one to say nothing", () => {
    expect(parseRetryAfter(undefined, NOW)).toBeNull();
    expect(parseRetryAfter(["1", "2"], NOW)).toBeNull();
  });
});
