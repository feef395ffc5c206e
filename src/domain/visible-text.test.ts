import { describe, expect, it } from "vitest";
import { indented, onOneLine, visible } from "./visible-text.ts";

const between = (from: number, to: number): string =>
  String.fromCharCode(...Array.from({ length: to - from + 1 }, (_, index) => from + index));

describe("a text from outside", () => {
  it.each([
    ["C0", between(0x00, 0x09) + between(0x0b, 0x1f)],
    ["DEL and C1", between(0x7f, 0x9f)],
    ["what turns the direction of a line", between(0x202a, 0x202e) + between(0x2066, 0x2069)],
  ])("shows %s instead of obeying it, as JSON would write it", (_, characters) => {
    const shown = visible(characters);
    expect(shown).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(`"${shown}"`)).toBe(characters);
  });

  it("leaves everything else as it is", () => {
    const text = "line 1\nlíne 2 – 👨‍👩‍👧 שלום\u200f! ~ \u00a0";
    expect(visible(text)).toBe(text);
  });

  it("keeps to one line where it has to", () => {
    expect(onOneLine("a\r\nb\u001b[2J")).toBe(String.raw`a\r\nb\u001b[2J`);
  });

  it("begins no line where ours begin", () => {
    expect(indented("a\r\nb\nc", 2)).toBe("a\n  b\n  c");
  });
});
