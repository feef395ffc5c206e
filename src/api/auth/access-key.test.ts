import { getRandomValues } from "node:crypto";
import { describe, expect, it } from "vitest";
import { accessKeyStart, hashAccessKey, makeAccessKey } from "./access-key.ts";

describe("an access key", () => {
  it("is vb_ and 32 letters and digits, never the same", () => {
    const keys = Array.from({ length: 500 }, () => makeAccessKey(getRandomValues));
    for (const key of keys) expect(key).toMatch(/^vb_[A-Za-z0-9]{32}$/);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("uses no byte that would favour a letter", () => {
    let calls = 0;
    const key = makeAccessKey((bytes) => bytes.fill(calls++ === 0 ? 255 : 0));
    expect(key).toBe(`vb_${"A".repeat(32)}`);
    expect(calls).toBe(2);
  });

  it("is known by its SHA-256 and shown by its beginning", () => {
    expect(hashAccessKey("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(accessKeyStart("vb_a3Bf9xKmPq2nR7sT4wYzLp8mN5qR1xWe")).toBe("vb_a3Bf9xKm");
  });
});
