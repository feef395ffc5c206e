import { describe, expect, it } from "vitest";

import { RecentMap } from "./recent-map.ts";

describe("RecentMap", () => {
  it("keeps as many as its limit, and forgets the older half with one more", () => {
    const map = new RecentMap<number, string>(6);
    for (let key = 1; key <= 6; key++) map.set(key, `${key}`);
    expect(map.size).toBe(6);
    map.set(7, "7");
    expect(map.size).toBe(4);
    expect([1, 2, 3].map((key) => map.get(key))).toEqual([undefined, undefined, undefined]);
    expect([4, 5, 6, 7].map((key) => map.get(key))).toEqual(["4", "5", "6", "7"]);
  });

  it("remembers longer what is asked for", () => {
    const map = new RecentMap<number, string>(4);
    map.set(1, "one");
    for (let key = 2; key <= 20; key++) {
      map.set(key, `${key}`);
      expect(map.get(1)).toBe("one");
    }
    expect(map.size).toBeLessThanOrEqual(4);
  });

  it("has one value a key, and none after it was deleted", () => {
    const map = new RecentMap<string, number>(2);
    map.set("a", 1);
    map.set("b", 2);
    map.set("a", 3);
    expect(map.get("a")).toBe(3);
    map.delete("a");
    expect(map.get("a")).toBeUndefined();
    expect(map.size).toBe(1);
  });
});
