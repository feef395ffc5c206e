import { describe, expect, it } from "vitest";

import { canonicalKey, decimalToHex, hexToDecimal, isOtherReading, receiptKeys } from "./receipt-key.ts";

describe("canonicalKey", () => {
  it("folds case, leading zeros and spaces", () => {
    expect(canonicalKey("00B8BE19")).toBe("b8be19");
    expect(canonicalKey(" 0E999F21-12 ")).toBe("e999f21-12");
  });

  it("leaves one zero of an id of zeros", () => {
    expect(canonicalKey("000")).toBe("0");
    expect(canonicalKey("")).toBe("");
  });
});

describe("receiptKeys", () => {
  it("puts the TLV before the text, and ids as they are before other bases", () => {
    expect(receiptKeys("0059113978", "38601fa")).toEqual(["38601fa", "59113978", "1494301048"]);
  });

  it("finds a hexadecimal response by a decimal receipt and the reverse", () => {
    expect(receiptKeys("1000", undefined)).toContain("3e8");
    expect(receiptKeys("3e8", undefined)).toContain("1000");
  });

  it("keeps every digit beyond 2^63", () => {
    expect(hexToDecimal("ffffffffffffffffffff")).toBe("1208925819614629174706175");
    expect(decimalToHex("1208925819614629174706175")).toBe("ffffffffffffffffffff");
  });

  it("converts alike on both sides of what a number of JavaScript holds", () => {
    expect(hexToDecimal("fffffffffffff")).toBe("4503599627370495");
    expect(hexToDecimal("1fffffffffffff")).toBe("9007199254740991");
    expect(hexToDecimal("20000000000001")).toBe("9007199254740993");
    expect(decimalToHex("999999999999999")).toBe("38d7ea4c67fff");
    expect(decimalToHex("9007199254740993")).toBe("20000000000001");
  });

  it("leaves a UUID alone and has nothing for a receipt without ids", () => {
    expect(receiptKeys("0e999f21-aaaa-bbbb-cccc-0123456789ab", undefined)).toHaveLength(1);
    expect(receiptKeys(undefined, "")).toEqual([]);
  });

  it("converts 40 digits and not 41", () => {
    expect(decimalToHex("9".repeat(40))).not.toBeNull();
    expect(decimalToHex("9".repeat(41))).toBeNull();
    expect(hexToDecimal("f".repeat(41))).toBeNull();
  });

  it("tells ids as the carrier wrote them from the same ids read in another base", () => {
    const [one, two] = [receiptKeys("0059113978", "38601fa"), receiptKeys("31", "beef-1")];
    expect(one.map((_, index) => isOtherReading(one, index))).toEqual([false, true, true]);
    expect(two.map((_, index) => isOtherReading(two, index))).toEqual([false, false, true, true]);
  });
});
