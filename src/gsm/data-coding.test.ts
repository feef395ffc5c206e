import { describe, expect, it } from "vitest";
import type { Encoding } from "./capacity.ts";
import { dataCodingOf, readDataCoding } from "./data-coding.ts";

describe("the data_coding of an outgoing message", () => {
  it.each<[Encoding, number, number | undefined, number | undefined]>([
    ["gsm7", 0x00, 0x10, 0xf0],
    ["latin1", 0x03, undefined, undefined],
    ["binary8", 0x04, 0x14, 0xf4],
    ["ucs2", 0x08, 0x18, 0x18],
  ])("of %s is %i, and %i or %i for flash", (encoding, plain, general, messageClass) => {
    expect(dataCodingOf(encoding, false)).toBe(plain);
    expect(dataCodingOf(encoding, false, "message-class")).toBe(plain);
    expect(dataCodingOf(encoding, true)).toBe(general);
    expect(dataCodingOf(encoding, true, "message-class")).toBe(messageClass);
  });

  it("reads back as the coding it was made from, with class 0 for flash", () => {
    for (const flashCoding of ["general", "message-class"] as const) {
      for (const encoding of ["gsm7", "binary8", "ucs2"] as const) {
        const coding = encoding === "gsm7" ? "carrier-default" : encoding;
        expect(readDataCoding(dataCodingOf(encoding, false) ?? -1)).toEqual({
          coding,
          messageClass: undefined,
        });
        const flash = dataCodingOf(encoding, true, flashCoding) ?? -1;
        expect(readDataCoding(flash)).toEqual({ coding, messageClass: 0 });
      }
    }
  });
});

describe("the data_coding of an incoming message", () => {
  it.each([
    [0x00, "carrier-default", undefined],
    [0x01, "ascii", undefined],
    [0x02, "binary8", undefined],
    [0x03, "latin1", undefined],
    [0x04, "binary8", undefined],
    [0x05, "shift_jis", undefined],
    [0x06, "iso-8859-5", undefined],
    [0x07, "iso-8859-8", undefined],
    [0x08, "ucs2", undefined],
    [0x09, "binary8", undefined],
    [0x0a, "iso-2022-jp", undefined],
    [0x0b, "carrier-default", undefined],
    [0x0d, "binary8", undefined],
    [0x0e, "euc-kr", undefined],
    [0x0f, "carrier-default", undefined],
    // General group with a class: two bits of alphabet, two of class. 0x13 and 0x15 are easily mixed up.
    [0x10, "carrier-default", 0],
    [0x13, "carrier-default", 3],
    [0x15, "binary8", 1],
    [0x18, "ucs2", 0],
    [0x1c, "carrier-default", 0],
    // Compressed text cannot be read.
    [0x20, "binary8", undefined],
    [0x38, "binary8", 0],
    // Marked for automatic deletion: as the general group.
    [0x40, "carrier-default", undefined],
    [0x48, "ucs2", undefined],
    [0x5a, "ucs2", 2],
    // Reserved.
    [0x80, "carrier-default", undefined],
    [0xbf, "carrier-default", undefined],
    // Message waiting: discard, store, store as UCS-2.
    [0xc8, "carrier-default", undefined],
    [0xd0, "carrier-default", undefined],
    [0xe0, "ucs2", undefined],
    // Data coding and class.
    [0xf0, "carrier-default", 0],
    [0xf4, "binary8", 0],
    [0xf6, "binary8", 2],
    [0xf3, "carrier-default", 3],
  ])("%i means %s of class %s", (dataCoding, coding, messageClass) => {
    expect(readDataCoding(dataCoding)).toEqual({ coding, messageClass });
  });

  it("has a meaning for each of the 256 values", () => {
    for (let dataCoding = 0; dataCoding < 256; dataCoding++) {
      expect(readDataCoding(dataCoding).coding).toBeTypeOf("string");
    }
  });
});
