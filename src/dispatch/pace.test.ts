import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pace } from "./pace.ts";

/** Sends as much as the pace allows, looking every `everyMs`; answers the times at which parts left. */
function sendAll(pace: Pace, fromMs: number, untilMs: number, everyMs: number): number[] {
  const times: number[] = [];
  for (let nowMs = fromMs; nowMs < untilMs; nowMs += everyMs) {
    const parts = Math.min(pace.allowance(nowMs), 1_000);
    if (parts === 0) continue;
    pace.spend(parts, nowMs);
    for (let part = 0; part < parts; part++) times.push(nowMs);
  }
  return times;
}

function inWindow(times: readonly number[], fromMs: number, ms: number): number {
  return times.filter((time) => time >= fromMs && time < fromMs + ms).length;
}

describe("a pace", () => {
  it("allows everything when there is no limit", () => {
    expect(new Pace(null, 0).allowance(0)).toBe(Infinity);
  });

  it("lets 100 a second go at 100 a second, and never over 105 in any second", () => {
    const times = sendAll(new Pace(100, 0), 0, 10_000, 1);
    expect(times.length).toBeGreaterThanOrEqual(999);
    expect(times.length).toBeLessThanOrEqual(1_005);
    for (const fromMs of times) expect(inWindow(times, fromMs, 1_000)).toBeLessThanOrEqual(105);
  });

  it("keeps to any limit however rarely or often it is asked", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 500 }), (limit, everyMs) => {
        const times = sendAll(new Pace(limit, 0), 0, 5_000, everyMs);
        expect(times.length).toBeLessThanOrEqual(limit * 5 + Math.max(1, limit * 0.05));
      }),
    );
  });

  it("does not save up while nothing is sent", () => {
    expect(new Pace(100, 0).allowance(3_600_000)).toBe(5);
  });

  it("lets a message of ten parts go at once and then waits for its parts", () => {
    const pace = new Pace(1, 0);
    expect(pace.allowance(0)).toBe(1);
    pace.spend(10, 0);
    expect(pace.nextAtMs(0)).toBe(10_000);
    expect(pace.allowance(9_900)).toBe(0);
    expect(pace.allowance(10_000)).toBe(1);
  });

  it("says what will be allowed soon", () => {
    const pace = new Pace(100, 0);
    pace.spend(5, 0);
    expect(pace.allowance(0)).toBe(0);
    expect(pace.allowanceWithin(0, 250)).toBe(25);
  });

  it("takes this node's share of the limit", () => {
    const pace = new Pace(100, 0);
    pace.share = 0.25;
    expect(sendAll(pace, 0, 4_000, 1).length).toBeLessThanOrEqual(106);
    pace.share = 0;
    expect(sendAll(pace, 4_000, 8_000, 1)).toEqual([]);
  });

  it("pauses when throttled, goes on at half of what it did, and comes back to its limit", () => {
    const pace = new Pace(200, 0);
    sendAll(pace, 0, 2_000, 1);
    pace.throttle(2_000, null);
    expect(pace.isSlowed).toBe(true);
    expect(pace.allowance(2_100)).toBe(0);
    expect(pace.nextAtMs(2_100)).toBeGreaterThanOrEqual(2_250);
    const times = sendAll(pace, 2_001, 22_000, 1);
    expect(inWindow(times, 2_000, 250)).toBe(0);
    expect(inWindow(times, 2_250, 1_000)).toBeLessThanOrEqual(115);
    expect(inWindow(times, 2_250, 1_000)).toBeGreaterThanOrEqual(90);
    expect(inWindow(times, 20_000, 1_000)).toBeGreaterThanOrEqual(195);
    expect(pace.isSlowed).toBe(false);
  });

  it("counts what is throttled during a pause as one throttle", () => {
    const pace = new Pace(null, 0);
    pace.spend(100, 0);
    for (let nowMs = 1; nowMs < 50; nowMs++) pace.throttle(nowMs, null);
    expect(inWindow(sendAll(pace, 50, 1_500, 1), 251, 1_000)).toBeGreaterThanOrEqual(45);
  });

  it("pauses twice as long each time it is throttled again, up to five seconds", () => {
    const pace = new Pace(100, 0);
    let nowMs = 0;
    const pauses: number[] = [];
    for (let throttles = 0; throttles < 7; throttles++) {
      pace.throttle(nowMs, null);
      let openMs = nowMs;
      while (pace.allowance(openMs) === 0 && openMs < nowMs + 60_000) openMs++;
      pauses.push(Math.floor((openMs - nowMs) / 250) * 250);
      nowMs = openMs;
    }
    expect(pauses.slice(0, 3).every((pause, index) => index === 0 || pause > (pauses[index - 1] ?? 0))).toBe(
      true,
    );
    expect(Math.max(...pauses)).toBeLessThan(7_000);
  });

  it("waits as long as the carrier asks for", () => {
    const pace = new Pace(null, 0);
    pace.throttle(0, 30_000);
    expect(pace.allowance(29_999)).toBe(0);
    expect(pace.nextAtMs(0)).toBeGreaterThanOrEqual(30_000);
  });

  it("without a limit forgets a throttle after a minute", () => {
    const pace = new Pace(null, 0);
    pace.spend(10, 0);
    pace.throttle(0, null);
    expect(pace.allowance(1_000)).toBeLessThan(10);
    expect(pace.allowance(61_000)).toBe(Infinity);
  });
});
