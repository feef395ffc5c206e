import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { countSeptets, decodeSeptets, DEFAULT_ALPHABET, encodeSeptets } from "./alphabet.ts";
import { ESCAPE, NOTHING, shiftTable } from "./shift-table.ts";

const digest = (characters: string) => createHash("sha256").update(characters, "utf16le").digest("hex");
const read = (...septets: number[]) => decodeSeptets(Uint8Array.from(septets));

describe("the default alphabet", () => {
  it("is the one of TS 23.038, character by character", () => {
    expect(digest(DEFAULT_ALPHABET.locking.characters).slice(0, 16)).toBe("ace7433b26276738");
    expect(digest(DEFAULT_ALPHABET.singleShift.characters).slice(0, 16)).toBe("0796a03c2a66d558");
  });

  it.each([
    ["@", [0x00]],
    ["$_", [0x02, 0x11]],
    ["ΔΦΓΛΩΠΨΣΘΞ", [0x10, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a]],
    ["\r\n", [0x0d, 0x0a]],
    ["Ç¤¡¿§", [0x09, 0x24, 0x40, 0x60, 0x5f]],
    ["ÄÖÑÜäöñüà", [0x5b, 0x5c, 0x5d, 0x5e, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f]],
    ["\f^{}\\", [0x1b, 0x0a, 0x1b, 0x14, 0x1b, 0x28, 0x1b, 0x29, 0x1b, 0x2f]],
    ["[~]|€", [0x1b, 0x3c, 0x1b, 0x3d, 0x1b, 0x3e, 0x1b, 0x40, 0x1b, 0x65]],
  ])("writes %j as the standard's septets and reads it back", (text, septets) => {
    expect([...(encodeSeptets(text) ?? [])]).toEqual(septets);
    expect(decodeSeptets(Uint8Array.from(septets))).toBe(text);
  });

  it("has 127 characters and 10 extended ones, each with one code", () => {
    const encodable = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit)).filter(
      (character) => countSeptets(character, DEFAULT_ALPHABET) >= 0,
    );
    expect(encodable).toHaveLength(137);
    expect(encodable.filter((character) => countSeptets(character, DEFAULT_ALPHABET) === 2)).toHaveLength(10);
    for (const character of encodable) {
      expect(decodeSeptets(encodeSeptets(character) ?? new Uint8Array())).toBe(character);
    }
  });

  it.each(["`", "\t", "\u00a0", "ç", "á", "í", "ó", "ú", "â", "\u001b", "\u0000", NOTHING, "一", "😀"])(
    "does not have %j",
    (character) => {
      expect(encodeSeptets(`ab${character}`)).toBeUndefined();
      expect(countSeptets(`ab${character}`, DEFAULT_ALPHABET)).toBe(~2);
    },
  );

  it("can be narrowed to the ASCII or Latin-1 characters in it", () => {
    expect(countSeptets("a[é", DEFAULT_ALPHABET, 0x80)).toBe(~2);
    expect(countSeptets("a[é", DEFAULT_ALPHABET, 0x100)).toBe(4);
    expect(countSeptets("é€", DEFAULT_ALPHABET, 0x100)).toBe(~1);
  });
});

describe("reading septets", () => {
  it("shows the main table's character behind an escape that means nothing", () => {
    expect(read(ESCAPE, 0x41, ESCAPE, 0x0d)).toBe("A\r");
  });

  it("shows a space for an escape before an escape and for one at the end", () => {
    expect(read(0x41, ESCAPE, ESCAPE, 0x42)).toBe("A B");
    expect(read(0x41, ESCAPE)).toBe("A ");
  });

  it("reads an octet above 0x7F as Latin-1", () => {
    expect(read(0x41, 0xe1, ESCAPE, 0xe1)).toBe("Aáá");
  });
});

describe("shiftTable", () => {
  it("takes exactly 128 characters", () => {
    expect(() => shiftTable("a".repeat(127))).toThrow(RangeError);
    expect(() => shiftTable("a".repeat(129))).toThrow(RangeError);
    expect(shiftTable("a".repeat(128)).codes["a".charCodeAt(0)]).toBe(0);
  });
});
