import { describe, expect, it } from "vitest";
import { DeadlineTimer } from "./deadline-timer.ts";

/** A timer whose firings can be awaited. */
function make(nowMs: () => number) {
  const due: number[] = [];
  let wake: (() => void) | undefined;
  const timer = new DeadlineTimer(nowMs, () => {
    due.push(nowMs());
    wake?.();
  });
  const next = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  return { timer, due, next };
}

describe("a deadline", () => {
  it("is never due early, also when it was moved away", async () => {
    const { timer, due, next } = make(() => performance.now());
    const startMs = performance.now();
    timer.set(startMs + 5);
    timer.set(startMs + 30);
    await next();
    expect(due).toHaveLength(1);
    expect(due[0]).toBeGreaterThanOrEqual(startMs + 30);
  });

  it("that is moved nearer is due at its new time", async () => {
    const { timer, due, next } = make(() => performance.now());
    timer.set(performance.now() + 600_000);
    timer.set(performance.now() + 5);
    await next();
    expect(due).toHaveLength(1);
  });

  it("that is taken away is not due", async () => {
    let nowMs = 0;
    const { timer, due, next } = make(() => nowMs);
    timer.set(5);
    timer.set(Infinity);
    nowMs = 100;
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, 20);
    await promise;
    expect(due).toEqual([]);
    timer.set(101);
    nowMs = 102;
    await next();
    expect(due).toEqual([102]);
    timer.set(5_000);
    timer.clear();
  });
});
