import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Lingering } from "./lingering.ts";

let ends = 0;
let lingering: Lingering;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  ends = 0;
  lingering = new Lingering(() => ends++);
});
afterEach(() => vi.useRealTimers());

/** How many milliseconds from now it is over. */
function lasts(): number {
  const before = ends;
  for (let ms = 1; ms <= 1_000; ms++) {
    vi.advanceTimersByTime(1);
    if (ends > before) return ms;
  }
  throw new Error("it is never over");
}

describe("Lingering", () => {
  it("is over once nothing more has come for long enough", () => {
    lingering.join({ quietMs: 5, mostMs: 20 });
    expect(lasts()).toBe(5);
  });

  it("goes on while others keep coming, for as long as the first may wait", () => {
    for (let ms = 0; ms < 18; ms += 3) {
      lingering.join({ quietMs: 5, mostMs: 20 });
      vi.advanceTimersByTime(3);
    }
    lingering.join({ quietMs: 5, mostMs: 20 });
    expect(lasts()).toBe(2);
  });

  it("is as short as the least patience of all", () => {
    lingering.join({ quietMs: 50, mostMs: 100 });
    lingering.join({ quietMs: 1, mostMs: 1 });
    expect(lasts()).toBe(1);
  });

  it("ends once, and begins anew with what comes after it", () => {
    lingering.join({ quietMs: 5, mostMs: 20 });
    expect(lasts()).toBe(5);
    vi.advanceTimersByTime(100);
    expect(ends).toBe(1);
    lingering.join({ quietMs: 5, mostMs: 20 });
    expect(lasts()).toBe(5);
  });

  it("does not end when it is stopped", () => {
    lingering.join({ quietMs: 5, mostMs: 20 });
    lingering.stop();
    vi.advanceTimersByTime(100);
    expect(ends).toBe(0);
  });
});
