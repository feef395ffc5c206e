import { describe, expect, it } from "vitest";
import { decodeUcs2, isInsidePair, writeUcs2 } from "./ucs-2.ts";

describe("UCS-2", () => {
  it("is written high octet first", () => {
    const octets = new Uint8Array(6);
    writeUcs2("xПр!", 1, 4, octets);
    expect([...octets]).toEqual([0x04, 0x1f, 0x04, 0x40, 0x00, 0x21]);
  });

  it("writes an emoji as a surrogate pair and reads it back", () => {
    const octets = new Uint8Array(4);
    writeUcs2("😀", 0, 2, octets);
    expect([...octets]).toEqual([0xd8, 0x3d, 0xde, 0x00]);
    expect(decodeUcs2(octets)).toBe("😀");
  });

  it("leaves a last octet without its other half out", () => {
    expect(decodeUcs2(Uint8Array.from([0x00, 0x41, 0x00]))).toBe("A");
    expect(decodeUcs2(Uint8Array.from([0x00]))).toBe("");
  });

  it("keeps the halves of a pair that a sender cut, so that joining makes it whole", () => {
    expect(decodeUcs2(Uint8Array.from([0xd8, 0x3d])) + decodeUcs2(Uint8Array.from([0xde, 0x00]))).toBe("😀");
  });

  it("reads as many units as a message_payload can hold", () => {
    const octets = new Uint8Array(65_534).fill(0x4e);
    expect(decodeUcs2(octets)).toBe("乎".repeat(32_767));
  });
});

describe("isInsidePair", () => {
  it("is so between two halves only", () => {
    expect([0, 1, 2, 3, 4].map((index) => isInsidePair("a😀b", index))).toEqual([
      false,
      false,
      true,
      false,
      false,
    ]);
  });
});
