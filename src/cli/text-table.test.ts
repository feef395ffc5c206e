import { describe, expect, it } from "vitest";
import { renderTable, shorten } from "./text-table.ts";

describe("a table", () => {
  it("has columns as wide as their widest cell, and no space at the end of a line", () => {
    expect(
      renderTable(
        ["ID", "NAME"],
        [
          ["1", "a"],
          ["22", ""],
          ["333", "abc"],
        ],
      ),
    ).toBe("ID   NAME\n1    a\n22\n333  abc\n");
  });

  it("counts what people see as one character as one", () => {
    expect(
      renderTable(
        ["A", "B"],
        [
          ["👨‍👩‍👧", "x"],
          ["ab", "y"],
        ],
      ),
    ).toBe("A   B\n👨‍👩‍👧   x\nab  y\n");
  });
});

describe("a shortened text", () => {
  it("is on one line and no longer than its width", () => {
    expect(shorten("a\nb  c", 10)).toBe("a b c");
    expect(shorten("abcdef", 6)).toBe("abcdef");
    expect(shorten("abcdefg", 6)).toBe("abcde…");
    expect(shorten("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 2)).toBe("👨‍👩‍👧…");
  });
});
