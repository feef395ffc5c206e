import { describe, expect, it } from "vitest";
import type { CarrierId } from "../domain/ids.ts";
import type { InboundContent } from "../domain/inbound.ts";
import type { Gathering } from "../store/gathering.ts";
import { assemble } from "./assemble.ts";
import { micros } from "../domain/micros.ts";

function text(text: string, encoding: InboundContent["encoding"] = "gsm7"): InboundContent {
  return { encoding, text, data: "", udh: "" };
}

function binary(data: string): InboundContent {
  return { encoding: "binary", text: "", data, udh: "0605040b8423f0" };
}

function gathering(total: number, parts: Readonly<Record<number, InboundContent>>): Gathering {
  return {
    carrierId: "carrier" as CarrierId, // any text will do as an id here
    source: "+31600000099",
    destination: "12345",
    reference: 7,
    total,
    parts: Object.entries(parts).map(([sequence, content]) => ({ sequence: Number(sequence), content })),
    firstAt: micros(0),
  };
}

describe("assemble", () => {
  it("joins texts in the order of their sequence", () => {
    expect(assemble(gathering(3, { 2: text("b"), 3: text("c"), 1: text("a") }))).toEqual({
      ...text("abc"),
      parts: 3,
      missingParts: [],
    });
  });

  it("shows where a part is missing and names it", () => {
    expect(assemble(gathering(3, { 1: text("a"), 3: text("c") }))).toMatchObject({
      text: "a[…]c",
      parts: 2,
      missingParts: [2],
    });
  });

  it("joins a surrogate pair that the sender split between parts", () => {
    const halves = { 1: text("hi \ud83d", "ucs2"), 2: text("\udc4b", "ucs2") };
    expect(assemble(gathering(2, halves)).text).toBe("hi 👋");
  });

  it("takes the widest alphabet of the parts", () => {
    expect(assemble(gathering(2, { 1: text("a"), 2: text("ы", "ucs2") })).encoding).toBe("ucs2");
  });

  it("joins binary data and keeps the header of the first part that has one", () => {
    expect(assemble(gathering(2, { 2: binary("03"), 1: binary("0102") }))).toMatchObject({
      data: "010203",
      udh: "0605040b8423f0",
      encoding: "binary",
    });
  });
});
