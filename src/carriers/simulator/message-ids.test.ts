import { describe, expect, it } from "vitest";

import { type Behaviours, defaultBehaviours } from "./behaviours.ts";
import { MessageIds } from "./message-ids.ts";

const FIRST = 0xb8be19;

describe("MessageIds", () => {
  it.each([
    [{ idForm: "dec" }, ["12107289", "12107289", "12107289"]],
    [{ idForm: "hex" }, ["b8be19", "b8be19", "b8be19"]],
    [{ idForm: "hex", receiptIdForm: "dec" }, ["b8be19", "12107289", "b8be19"]],
    [{ idForm: "dec", receiptTlvIdForm: "hex" }, ["12107289", "12107289", "b8be19"]],
    [{ idForm: "padded-hex", receiptIdForm: "stripped" }, ["00B8BE19", "B8BE19", "00B8BE19"]],
    [{ idForm: "dec", receiptIdForm: "padded" }, ["12107289", "0012107289", "12107289"]],
    [{ idForm: "upper-hex", receiptIdForm: "lower" }, ["B8BE19", "b8be19", "B8BE19"]],
    [
      { idForm: "long", receiptIdForm: "hex" },
      ["100000000000012107289", "56bc75e2d63c8be19", "100000000000012107289"],
    ],
  ] as const)("spells %j", (given, spellings) => {
    const { response, receiptText, receiptTlv } = new MessageIds(FIRST).next(behaving(given));
    expect([response, receiptText, receiptTlv]).toEqual(spellings);
  });

  it("makes UUIDs, which have no other base", () => {
    const id = new MessageIds(1).next(behaving({ idForm: "uuid", receiptIdForm: "dec" }));
    expect(id.response).toBe("0e999f21-0000-4000-8000-000000000001");
    expect(id.receiptText).toBe(id.response);
  });

  it("counts up, and begins again where it is told to", () => {
    const ids = new MessageIds(5);
    const given = Array.from({ length: 4 }, () => ids.next(behaving({ idsReusedAfter: 3 })).response);
    expect(given).toEqual(["5", "6", "7", "5"]);
  });
});

function behaving(given: Partial<Behaviours>): Behaviours {
  return { ...defaultBehaviours(), ...given };
}
