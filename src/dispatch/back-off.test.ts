import { describe, expect, it } from "vitest";
import { backOffMs } from "./back-off.ts";

describe("back-off", () => {
  it("doubles from one second to a quarter of an hour", () => {
    expect([0, 1, 2, 3, 9, 10, 11, 1_000].map((attempts) => backOffMs(attempts, 0.5))).toEqual([
      1_000, 2_000, 4_000, 8_000, 512_000, 900_000, 900_000, 900_000,
    ]);
  });

  it("spreads from half to one and a half of that", () => {
    expect(backOffMs(2, 0)).toBe(2_000);
    expect(backOffMs(2, 0.999_999)).toBe(6_000);
  });
});
