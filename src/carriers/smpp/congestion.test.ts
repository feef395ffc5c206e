import { describe, expect, it } from "vitest";

import { Congestion, CONGESTION_PACE } from "./congestion.ts";

describe("Congestion", () => {
  it("leaves the window alone while nothing is throttled", () => {
    const congestion = new Congestion(50);
    for (let index = 0; index < 1_000; index++) congestion.taken(index);
    expect(congestion.size).toBe(50);
    expect(congestion.pauseLeftMs(0)).toBe(0);
  });

  it("halves the window and pauses once for a whole burst", () => {
    const congestion = new Congestion(50);
    expect(congestion.throttled(1_000)).toBe(250);
    expect(congestion.throttled(1_100)).toBe(150);
    expect(congestion.size).toBe(25);
    expect(congestion.pauseLeftMs(1_240)).toBe(10);
    expect(congestion.pauseLeftMs(1_250)).toBe(0);
  });

  it("never goes below 1 and doubles its pauses to the most", () => {
    const congestion = new Congestion(2);
    let nowMs = 0;
    const pauses = Array.from({ length: 7 }, () => {
      const pauseMs = congestion.throttled(nowMs);
      nowMs += pauseMs;
      return pauseMs;
    });
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, CONGESTION_PACE.mostPauseMs]);
    expect(congestion.size).toBe(1);
  });

  it("grows by one for each whole window that was taken, up to what was configured", () => {
    const congestion = new Congestion(4);
    congestion.throttled(0);
    expect(congestion.size).toBe(2);
    congestion.taken(100);
    expect(congestion.size).toBe(2);
    const sizes = Array.from({ length: 9 }, () => {
      congestion.taken(1_000);
      return congestion.size;
    });
    expect(sizes).toEqual([2, 3, 3, 3, 4, 4, 4, 4, 4]);
  });
});
