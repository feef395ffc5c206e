import { expect, it } from "vitest";
import { bytesToId, hexToId, hexToIds, idsToBytes, idToBytes, idToBytesOrNull } from "./id-bytes.ts";

const ID = "01a20a75-b71f-7361-bacf-5155bac38a6b";
const BYTES = Uint8Array.from(Buffer.from("01a20a75b71f7361bacf5155bac38a6b", "hex"));

it("turns ids into bytes and back", () => {
  expect(idToBytes(ID)).toEqual(BYTES);
  expect(idToBytes(ID.toUpperCase())).toEqual(BYTES);
  expect(bytesToId(BYTES)).toBe(ID);
  expect(hexToId("01A20A75B71F7361BACF5155BAC38A6B")).toBe(ID);
});

it.each(["", "x", ID.slice(1), `${ID}0`, ID.replace("a", "g")])("refuses %j", (text) => {
  expect(idToBytesOrNull(text)).toBeNull();
  expect(() => idToBytes(text)).toThrow("not a UUID");
});

it("keeps several ids in one column", () => {
  const other = "ffffffff-ffff-7fff-bfff-ffffffffffff";
  expect(hexToIds(sqlHex(idsToBytes([ID, other])))).toEqual([ID, other]);
  expect(hexToIds(sqlHex(idsToBytes([])))).toEqual([]);
});

it("refuses bytes that are no id", () => {
  expect(() => bytesToId(new Uint8Array(15))).toThrow(TypeError);
});

function sqlHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex").toUpperCase();
}
