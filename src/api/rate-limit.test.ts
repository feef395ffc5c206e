import { describe, expect, it } from "vitest";
import { addressKey, BUCKETS_MAX, createBuckets } from "./rate-limit.ts";

function startClock() {
  let ms = 1;
  return {
    read: () => ms,
    forward: (seconds: number) => {
      ms += seconds * 1_000;
    },
  };
}

describe("token buckets", () => {
  it("let a burst pass and refuse the request after it, with the time to wait", () => {
    const buckets = createBuckets({ perSecond: 2, burst: 4 }, startClock().read);
    for (let n = 0; n < 4; n++) expect(buckets.take("a")).toEqual({ ok: true });
    expect(buckets.take("a")).toEqual({ ok: false, retryAfterSeconds: 1 });
    expect(buckets.take("b")).toEqual({ ok: true });
  });

  it("fill at their rate, never over their burst", () => {
    const clock = startClock();
    const buckets = createBuckets({ perSecond: 2, burst: 4 }, clock.read);
    for (let n = 0; n < 4; n++) buckets.take("a");
    clock.forward(0.5);
    expect(buckets.take("a").ok).toBe(true);
    expect(buckets.take("a").ok).toBe(false);
    clock.forward(3_600);
    for (let n = 0; n < 4; n++) expect(buckets.take("a").ok).toBe(true);
    expect(buckets.take("a").ok).toBe(false);
  });

  it("say how long a slow rate takes", () => {
    const buckets = createBuckets({ perSecond: 0.2, burst: 1 }, startClock().read);
    buckets.take("a");
    expect(buckets.take("a")).toEqual({ ok: false, retryAfterSeconds: 5 });
  });

  it("take back what was not owed", () => {
    const buckets = createBuckets({ perSecond: 1, burst: 1 }, startClock().read);
    buckets.take("a");
    buckets.giveBack("a");
    expect(buckets.take("a").ok).toBe(true);
    expect(buckets.take("a").ok).toBe(false);
  });

  it("forget the one idle longest, and only when there is one too many", () => {
    const buckets = createBuckets({ perSecond: 1, burst: 1 }, startClock().read);
    buckets.take("first");
    buckets.take("second");
    for (let n = 2; n < BUCKETS_MAX; n++) buckets.take(`${n}`);
    expect(buckets.take("first").ok).toBe(false);
    buckets.take("one too many");
    expect(buckets.take("first").ok).toBe(false);
    expect(buckets.take("second").ok).toBe(true);
  });

  it("refuse nothing without a rate", () => {
    const buckets = createBuckets(null, startClock().read);
    for (let n = 0; n < 100_000; n++) buckets.take("a");
    expect(buckets.take("a")).toEqual({ ok: true });
  });
});

describe("the key of an address", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::1", "0:0:0:0"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8::6", "2001:db8:0:0"],
    ["fe80::", "fe80:0:0:0"],
  ])("of %s is %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});
