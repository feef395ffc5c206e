import { expect, it } from "vitest";
import { readJson, WireReader } from "./wire.ts";

it("reads values in order", () => {
  const reader = new WireReader(["a", null, 1, null, 2, "x", "y", '{"b":1}']);
  expect(reader.text()).toBe("a");
  expect(reader.textOrNull()).toBeNull();
  expect(reader.number()).toBe(1);
  expect(reader.numberOrNull()).toBeNull();
  expect(reader.list((item) => item.text())).toEqual(["x", "y"]);
  expect(readJson(reader)).toEqual({ b: 1 });
});

it("refuses a value of another kind, and what lies past the end", () => {
  expect(() => new WireReader([1]).text()).toThrow("wire field 0 should be a text, not number");
  expect(() => new WireReader(["1"]).number()).toThrow(TypeError);
  expect(() => new WireReader(["1"]).numberOrNull()).toThrow(TypeError);
  expect(() => new WireReader([1]).textOrNull()).toThrow(TypeError);
  expect(() => new WireReader([]).number()).toThrow("wire field 0 should be a number, not undefined");
});
