import { describe, expect, it } from "vitest";

import { fateOf, MAGIC_NUMBERS, USUAL_FATE } from "./magic-numbers.ts";

describe("fateOf", () => {
  it("looks at the last eight digits, whatever stands before them", () => {
    expect(fateOf("31600000002")).toMatchObject({ ending: { state: "UNDELIVERABLE" } });
    expect(fateOf("+4915100000002")).toMatchObject({ ending: { state: "UNDELIVERABLE" } });
  });

  it("delivers to everybody else", () => {
    expect(fateOf("31616818985")).toBe(USUAL_FATE);
    expect(fateOf("12345")).toBe(USUAL_FATE);
    expect(USUAL_FATE).toMatchObject({ taking: { kind: "taken" }, ending: { state: "DELIVERED" } });
  });

  it("has eight digits and a sentence for each number", () => {
    for (const [digits, { meaning }] of Object.entries(MAGIC_NUMBERS)) {
      expect(digits).toMatch(/^000000\d\d$/);
      expect(meaning).toMatch(/\.$/);
    }
  });
});
