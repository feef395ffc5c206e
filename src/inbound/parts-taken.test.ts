import { describe, expect, it } from "vitest";
import type { InboundContent } from "../domain/inbound.ts";
import { partsTaken } from "./parts-taken.ts";

type Encoding = InboundContent["encoding"];

function content(encoding: Encoding, text: string, data = "", udh = ""): InboundContent {
  return { encoding, text, data, udh };
}

describe("partsTaken", () => {
  it.each<readonly [string, Encoding, string, number]>([
    ["an empty text", "gsm7", "", 1],
    ["160 letters", "gsm7", "a".repeat(160), 1],
    ["161 letters", "gsm7", "a".repeat(161), 2],
    ["80 euro signs", "gsm7", "€".repeat(80), 1],
    ["81 euro signs", "gsm7", "€".repeat(81), 2],
    ["160 letters in UCS-2", "ucs2", "a".repeat(160), 3],
    ["35 emoji", "ucs2", "👋".repeat(35), 1],
    ["36 emoji", "ucs2", "👋".repeat(36), 2],
    ["160 letters that a carrier has in Latin-1", "latin1", "é".repeat(160), 1],
    ["161 letters that a carrier has in Latin-1", "latin1", "é".repeat(161), 2],
    ["155 letters of a national table", "gsm7", "ı".repeat(155), 1],
    ["more than a header can count", "gsm7", "a".repeat(256 * 153), 256],
  ])("counts %s", (_, encoding, text, parts) => {
    expect(partsTaken(content(encoding, text))).toBe(parts);
  });

  it.each<readonly [number, string, number]>([
    [140, "", 1],
    [141, "", 2],
    [133, "0605040b8423f0", 1],
    [134, "0605040b8423f0", 2],
  ])("counts %d octets of data behind the header '%s'", (octets, udh, parts) => {
    expect(partsTaken(content("binary", "", "00".repeat(octets), udh))).toBe(parts);
  });

  it("calls one part what cannot be counted", () => {
    expect(partsTaken(content("gsm7", "\0".repeat(200)))).toBe(1);
    expect(partsTaken(content("binary", "", "00".repeat(200), "ff"))).toBe(1);
  });
});
