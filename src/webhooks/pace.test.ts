import { describe, expect, it } from "vitest";
import { HIGHEST_HOLD, HIGHEST_LIMIT, LONGEST_REST_MS, LOWEST_LIMIT, Pace } from "./pace.ts";

describe("Pace", () => {
  it("starts carefully", () => {
    const pace = new Pace();
    expect(pace.limit).toBe(16);
    expect(pace.hold).toBe(32);
    expect(pace.isTroubled).toBe(false);
  });

  it("grows with each success, to its limit and not past it", () => {
    const pace = new Pace();
    for (let index = 0; index < 48; index++) pace.answered(true, 5);
    expect(pace.limit).toBe(HIGHEST_LIMIT);
    pace.answered(true, 5);
    expect(pace.limit).toBe(HIGHEST_LIMIT);
  });

  it("shrinks by half with each failure, down to two", () => {
    const pace = new Pace();
    const limits = Array.from({ length: 4 }, () => {
      pace.answered(false, 5);
      return pace.limit;
    });
    expect(limits).toEqual([8, 4, 2, LOWEST_LIMIT]);
    expect(pace.isTroubled).toBe(true);
  });

  it("takes a slow success for trouble", () => {
    const pace = new Pace();
    pace.answered(true, 5_000);
    expect(pace.limit).toBe(17);
    pace.answered(true, 5_001);
    expect(pace.limit).toBe(8);
  });

  it("is out of trouble with the first success", () => {
    const pace = new Pace();
    for (let index = 0; index < 5; index++) pace.answered(false, 5);
    pace.answered(true, 5);
    expect(pace.isTroubled).toBe(false);
  });

  it("pauses after each failure of an endpoint in trouble, longer each time, until it succeeds", () => {
    const pace = new Pace();
    const rests = Array.from({ length: 11 }, () => {
      pace.answered(false, 5);
      return pace.restMs;
    });
    expect(rests).toEqual([0, 0, 0, 100, 200, 400, 800, 1_600, 3_200, LONGEST_REST_MS, LONGEST_REST_MS]);
    pace.answered(true, 5);
    expect(pace.restMs).toBe(0);
  });

  it("does not pause for slow successes", () => {
    const pace = new Pace();
    for (let index = 0; index < 10; index++) pace.answered(true, 10_000);
    expect([pace.isTroubled, pace.restMs]).toEqual([true, 0]);
  });

  it("holds more for a quick endpoint, up to its limit, and little for a slow one", () => {
    const quick = new Pace();
    for (let index = 0; index < 100; index++) quick.answered(true, 2);
    expect(quick.hold).toBe(HIGHEST_HOLD);
    const slow = new Pace();
    for (let index = 0; index < 100; index++) slow.answered(true, 4_000);
    expect(slow.hold).toBe(HIGHEST_LIMIT);
  });
});
