import { describe, expect, it } from "vitest";
import { decodeLatin1, firstOutsideLatin1, writeLatin1 } from "./latin-1.ts";

describe("Latin-1", () => {
  it("has one octet for each of its 256 characters, the same number", () => {
    const octets = Uint8Array.from({ length: 256 }, (_, octet) => octet);
    const text = decodeLatin1(octets);
    expect(text).toHaveLength(256);
    const written = new Uint8Array(256);
    writeLatin1(text, 0, 256, written);
    expect(written).toEqual(octets);
  });

  it("names the first character it does not have", () => {
    expect(firstOutsideLatin1("çáÿ")).toBe(-1);
    expect(firstOutsideLatin1("ça €5")).toBe(3);
    expect(firstOutsideLatin1("Ā")).toBe(0);
  });
});
