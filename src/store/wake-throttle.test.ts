import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { WakeThrottle } from "./wake-throttle.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function listen(throttle: WakeThrottle): string[] {
  const heard: string[] = [];
  throttle.listen((wake) => heard.push(JSON.stringify(wake)));
  return heard;
}

it("passes the first wake on at once and the rest of a burst once, at the end of the window", () => {
  const throttle = new WakeThrottle();
  const heard = listen(throttle);
  for (let index = 0; index < 100; index++) throttle.wake(["qcarrier", "c"]);
  expect(heard).toEqual(['{"kind":"queue","carrierId":"carrier"}', '{"kind":"directory"}']);
  vi.advanceTimersByTime(1_000);
  expect(heard).toHaveLength(4);
  throttle.close();
});

it("passes no wake on more than twenty times a second", () => {
  const throttle = new WakeThrottle();
  const heard = listen(throttle);
  for (let ms = 0; ms < 1_000; ms++) {
    throttle.wake(["dendpoint"]);
    vi.advanceTimersByTime(1);
  }
  expect(heard.length).toBeLessThanOrEqual(20);
  expect(heard.length).toBeGreaterThan(10);
  throttle.close();
});

it("leaves no timer behind when nothing is owed or it is closed", () => {
  const throttle = new WakeThrottle();
  listen(throttle);
  throttle.wake(["c"]);
  vi.advanceTimersByTime(1_000);
  expect(vi.getTimerCount()).toBe(0);
  throttle.wake(["c", "c"]);
  throttle.close();
  expect(vi.getTimerCount()).toBe(0);
});

it("tells nobody who has stopped listening", () => {
  const throttle = new WakeThrottle();
  const heard: string[] = [];
  const stop = throttle.listen((wake) => heard.push(wake.kind));
  stop();
  throttle.wake(["c"]);
  expect(heard).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
