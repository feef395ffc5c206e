import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isInternational, isPhoneNumber, normaliseTel, toAddress } from "./address.ts";

describe("an address", () => {
  it("has all five keys, empty when unset, and is a telephone's when it does not say", () => {
    expect(toAddress({})).toEqual({ type: "tel", target: "", target_name: "", name: "", detail: "" });
    expect(toAddress({ type: "", target: "+31" })).toMatchObject({ type: "tel", target: "+31" });
  });

  it("keeps what it was given besides the target", () => {
    const given = { type: "tel", target: "+1", target_name: " Ann ", name: "n", detail: "d" };
    expect(toAddress(given)).toEqual(given);
  });

  it("of another type keeps its target, without the spaces around it", () => {
    expect(toAddress({ type: "sip", target: " 100@example.com " }).target).toBe("100@example.com");
  });
});

describe("a telephone number", () => {
  it.each([
    ["+82 10-1234-5678", "+821012345678"],
    [" (010) 1234.5678 ", "01012345678"],
    ["tel:+31 6 16", "+31616"],
    ["+31/6–16", "+31616"],
    ["+39 (06) 1234 5678", "+390612345678"],
    ["\u202a+31\u00a06 16\u202c", "+31616"],
    ["00 31 616", "0031616"],
    ["", ""],
  ])("%j is normalised to %j", (text, expected) => {
    expect(normaliseTel(text)).toBe(expected);
  });

  it("that is normalised stays as it is", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const once = normaliseTel(text);
        expect(normaliseTel(once)).toBe(once);
      }),
    );
  });

  it.each(["+31616818985", "+1234567", "+123456789012345", "123", "0101234", "123456789012345"])(
    "%s can be a handset's",
    (target) => {
      expect(isPhoneNumber(target)).toBe(true);
    },
  );

  it.each([
    "",
    "+",
    "12",
    "+123456",
    "+1234567890123456",
    "1234567890123456",
    "+0123456789",
    "My Shop",
    "١٢٣٤",
  ])("%j cannot be a handset's", (target) => {
    expect(isPhoneNumber(target)).toBe(false);
  });
});

describe("what is no number", () => {
  it.each([
    "My Shop",
    "Shop24",
    "O2",
    "+Ы1",
    "+31600000001x5",
    "+31600000001;ext=5",
    "+31600000O01",
    "+3160000000١",
    "+31(0)600000001",
    "tel:+31(0)600000001",
    "\u202a+31(0)600000001\u202c",
    "(+31) ( 0 ) 600000001",
    "*123#",
    "++31",
    "1+2",
    "+",
  ])("keeps %j as it is, for with less it would be another's", (text) => {
    expect(normaliseTel(` ${text} `)).toBe(text);
    expect(isPhoneNumber(text)).toBe(false);
  });
});

describe("an international number", () => {
  it.each(["+14155550001", "14155550001", "+1234567", "1234567", "123456789012345"])(
    "may be %s",
    (target) => {
      expect(isInternational(target)).toBe(true);
    },
  );

  it.each(["", "My Shop", "12345", "+12345", "123456", "0612345678", "+0612345678", "1234567890123456"])(
    "is not %j",
    (target) => {
      expect(isInternational(target)).toBe(false);
    },
  );
});
