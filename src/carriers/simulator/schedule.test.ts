import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { MAX_SCHEDULED, Schedule } from "./schedule.ts";

describe("Schedule", () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterEach(() => vi.useRealTimers());

  it("runs at once what need not wait", () => {
    const ran: string[] = [];
    new Schedule(() => performance.now()).after(0, () => ran.push("now"));
    expect(ran).toEqual(["now"]);
  });

  it("runs actions in the order of their times, never early, and those of one time as they were added", () => {
    const schedule = new Schedule(() => performance.now());
    const ran: string[] = [];
    schedule.after(100, () => ran.push("second"));
    schedule.after(20, () => ran.push("first"));
    schedule.after(100, () => ran.push("third"));
    vi.advanceTimersByTime(19);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(10);
    expect(ran).toEqual(["first"]);
    expect(schedule.size).toBe(2);
    vi.advanceTimersByTime(80);
    expect(ran).toEqual(["first", "second", "third"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("runs what an action adds", () => {
    const schedule = new Schedule(() => performance.now());
    const ran: number[] = [];
    schedule.after(10, () => schedule.after(10, () => ran.push(performance.now())));
    vi.advanceTimersByTime(40);
    expect(ran).toHaveLength(1);
  });

  it("forgets everything and leaves no timer", () => {
    const schedule = new Schedule(() => performance.now());
    schedule.after(10, () => expect.unreachable());
    schedule.clear();
    expect(vi.getTimerCount()).toBe(0);
    expect(schedule.size).toBe(0);
    vi.advanceTimersByTime(100);
  });

  it("takes a million and not one more", () => {
    const schedule = new Schedule(() => performance.now());
    for (let count = 0; count < MAX_SCHEDULED - 1; count++) schedule.after(1_000, nothing);
    expect(schedule.after(1_000, nothing)).toBe(true);
    expect(schedule.after(1_000, nothing)).toBe(false);
    schedule.clear();
  });
});

function nothing(): void {
  // Only its place counts.
}
