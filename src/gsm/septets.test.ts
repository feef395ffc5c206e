import { describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { fillBits, packedLength, packSeptets, unpackSeptets } from "./septets.ts";
import { encodeSeptets } from "./alphabet.ts";

const septetsOf = (text: string) => encodeSeptets(text) ?? new Uint8Array();
const hexOf = (octets: Uint8Array) => Buffer.from(octets).toString("hex");

describe("packing septets", () => {
  it.each([
    ["", ""],
    ["a", "61"],
    ["hello", "e8329bfd06"],
    ["hellohello", "e8329bfd4697d9ec37"],
    ["12345678", "31d98c56b3dd70"],
  ])("packs %j as the standard does", (text, packed) => {
    expect(hexOf(packSeptets(septetsOf(text)))).toBe(packed);
    expect(unpackSeptets(Buffer.from(packed, "hex"))).toEqual(septetsOf(text));
  });

  it("puts a carriage return into seven bits that would read as an @", () => {
    expect(hexOf(packSeptets(septetsOf("1234567")))).toBe("31d98c56b3dd1a");
  });

  it("takes neither that carriage return nor zeros in its place for text", () => {
    expect(unpackSeptets(Buffer.from("31d98c56b3dd1a", "hex"))).toEqual(septetsOf("1234567"));
    expect(unpackSeptets(Buffer.from("31d98c56b3dd00", "hex"))).toEqual(septetsOf("1234567"));
  });

  it("keeps an @ in that place when the count says that it is one", () => {
    expect(unpackSeptets(Buffer.from("31d98c56b3dd00", "hex"), 0, 8)).toEqual(septetsOf("1234567@"));
    expect(unpackSeptets(Buffer.from("31d98c56b3dd00", "hex"), 0, 9)).toHaveLength(8);
  });

  it.each([
    [0, 0],
    [4, 3],
    [6, 1],
    [7, 0],
    [9, 5],
    [10, 4],
    [12, 2],
    [13, 1],
  ])("fills %i octets of header up with %i bits", (headerOctets, bits) => {
    expect(fillBits(headerOctets)).toBe(bits);
    expect((8 * headerOctets + bits) % 7).toBe(0);
  });

  it("fills 140 octets with 6 octets of header and 153 septets", () => {
    expect(6 + packedLength(153, fillBits(6))).toBe(140);
    expect(6 + packedLength(154, fillBits(6))).toBe(141);
  });

  it("reads back whatever it packs, behind any fill", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ max: 127, maxLength: 170 }),
        fc.integer({ min: 0, max: 6 }),
        (septets, fill) => {
          const packed = packSeptets(septets, fill);
          expect(packed).toHaveLength(packedLength(septets.length, fill));
          expect((packed[0] ?? 0) & (2 ** fill - 1)).toBe(0);
          expect(unpackSeptets(packed, fill, septets.length)).toEqual(septets);
        },
      ),
    );
  });
});
