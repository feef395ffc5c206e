import { describe, expect, it } from "vitest";
import { createWallClock } from "./wall-clock.ts";

describe("a wall clock", () => {
  it("has the fraction that Date.now() lacks", () => {
    const { now, read } = clockAt({ wall: 1_000, monotonic: 10 });
    now.monotonic = 10.25;
    expect(read()).toBe(1_000.25);
  });

  it("follows the wall clock when it was set or the machine slept", () => {
    const { now, read } = clockAt({ wall: 1_000, monotonic: 10 });
    now.wall = 61_000;
    now.monotonic = 11;
    expect(read()).toBe(61_000);
    now.monotonic = 11.5;
    expect(read()).toBe(61_000.5);
    now.wall = 5_000;
    expect(read()).toBe(5_000);
  });

  it("does not follow the steps of a wall clock that ticks coarsely", () => {
    const { now, read } = clockAt({ wall: 1_000, monotonic: 0 });
    now.wall = 1_050;
    now.monotonic = 99.75;
    expect(read()).toBe(1_099.75);
  });
});

function clockAt(start: { wall: number; monotonic: number }) {
  const now = { ...start };
  return {
    now,
    read: createWallClock(
      () => now.wall,
      () => now.monotonic,
    ),
  };
}
