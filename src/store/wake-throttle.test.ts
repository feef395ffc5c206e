import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { CustomerId } from "../domain/ids.ts";
import { micros } from "../domain/micros.ts";
import type { Wake } from "./store.ts";
import { optOutKey, WakeThrottle } from "./wake-throttle.ts";

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

it("passes on whose events there are, and nothing that only a newer version knows", () => {
  const throttle = new WakeThrottle();
  const heard = listen(throttle);
  throttle.wake(["znew", "ecustomer", "l", "z"]);
  expect(heard).toEqual(['{"kind":"events","customerId":"customer"}', '{"kind":"leases"}']);
  throttle.close();
});

it.each([
  ["acme & söhne/co %", "acme & söhne/co %"],
  ["half of a pair \ud83d", "half of a pair \ufffd"],
])("passes on an opt-out of the sender %j in ASCII and without spaces", (sender, heard) => {
  const throttle = new WakeThrottle();
  const wakes: Wake[] = [];
  throttle.listen((wake) => wakes.push(wake));
  const customerId = "0190a000-0000-7000-8000-000000000001" as CustomerId;
  const optOut = { customerId, handset: "31616818985", since: micros(1_770_000_000_000_001) };
  const key = optOutKey({ ...optOut, sender });
  expect(key).toMatch(/^[!-~]+$/);
  throttle.wake([key]);
  expect(wakes).toEqual([{ kind: "opt-out", ...optOut, sender: heard }]);
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
