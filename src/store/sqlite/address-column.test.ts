import { expect, it } from "vitest";
import { addressToColumn, columnToAddress, digitsOfColumn } from "./address-column.ts";

const bare = { type: "tel", target: "+31612345678", target_name: "", name: "", detail: "" };

it("keeps a bare number as it is", () => {
  expect(addressToColumn(bare)).toBe("+31612345678");
  expect(columnToAddress("+31612345678")).toEqual(bare);
});

it.each([
  { ...bare, type: "email" },
  { ...bare, name: "Ann" },
  { ...bare, target_name: "Ann" },
  { ...bare, detail: "d" },
  { ...bare, target: '{"target":"+1"}' },
  { ...bare, target: "" },
])("gives back $target of type $type named $name", (address) => {
  expect(columnToAddress(addressToColumn(address))).toEqual(address);
});

it("finds the digits of either form", () => {
  expect(digitsOfColumn("+31 6-12")).toBe("31612");
  expect(digitsOfColumn(addressToColumn({ ...bare, name: "Ann 2" }))).toBe("31612345678");
});
