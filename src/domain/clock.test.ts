import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createClock } from "./clock.ts";

describe("a clock", () => {
  it("reads the wall clock in microseconds", () => {
    expect(createClock(() => 1_767_225_600_000.25).now()).toBe(1_767_225_600_000_250);
  });

  it("never repeats a reading and never steps back, whatever the wall clock does", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 2 }), (readings) => {
        let at = 0;
        const clock = createClock(() => readings[at++] ?? 0);
        const given = readings.map(() => clock.now());
        expect(given.every((reading, index) => index === 0 || reading > (given[index - 1] ?? 0))).toBe(true);
      }),
    );
  });

  it("follows the wall clock again once that has caught up", () => {
    const readings = [5, 1, 1, 6];
    let at = 0;
    const clock = createClock(() => readings[at++] ?? 0);
    expect([clock.now(), clock.now(), clock.now(), clock.now()]).toEqual([5_000, 5_001, 5_002, 6_000]);
  });
});
