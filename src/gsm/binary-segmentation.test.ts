import { describe, expect, it } from "vitest";
import { countBinaryParts, segmentBinary } from "./binary-segmentation.ts";
import { DEFAULT_TEXT_PROFILE, type TextProfile } from "./text-profile.ts";

const LONG: TextProfile = { ...DEFAULT_TEXT_PROFILE, maxParts: 255 };
const octetsOf = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const hexOf = (octets: Uint8Array | undefined) => octets && Buffer.from(octets).toString("hex");
const data = (length: number) => Uint8Array.from({ length }, (_, index) => index & 0xff);
const PORTS = octetsOf("0605040b8423f0");

const filler = (length: number) => Uint8Array.of(length + 2, 0x70, length, ...new Uint8Array(length));

describe("binary data", () => {
  it.each([
    [0, undefined, [0]],
    [140, undefined, [140]],
    [141, undefined, [134, 7]],
    [268, undefined, [134, 134]],
    [269, undefined, [134, 134, 1]],
    [133, PORTS, [133]],
    [134, PORTS, [128, 6]],
    [257, PORTS, [128, 128, 1]],
  ])("of %i octets is cut to the room that its header leaves", (length, udh, lengths) => {
    const segmentation = segmentBinary(data(length), udh, LONG, 7);
    if (!segmentation.ok) throw new Error(segmentation.reason);
    expect(segmentation.parts.map((part) => part.body.length)).toEqual(lengths);
    expect(Buffer.concat(segmentation.parts.map((part) => part.body))).toEqual(Buffer.from(data(length)));
    for (const part of segmentation.parts) {
      expect(part.octets.length).toBeLessThanOrEqual(140);
      expect(hexOf(part.octets)).toBe(`${hexOf(part.udh) ?? ""}${hexOf(part.body)}`);
    }
    const count = countBinaryParts(data(length), udh, LONG);
    expect(count).toEqual({ ...segmentation, parts: lengths.length });
  });

  it("goes out under exactly the header given where one part is enough", () => {
    const odd = octetsOf("0770020102710101");
    const segmentation = segmentBinary(data(3), odd, LONG, 7);
    expect(segmentation).toMatchObject({ ok: true, parts: [{ udh: odd, body: data(3) }] });
  });

  it("gets the concatenation before the elements given where it is not", () => {
    const segmentation = segmentBinary(data(200), PORTS, { ...LONG, referenceBits: 16 }, 0x1_0203);
    if (!segmentation.ok) throw new Error(segmentation.reason);
    expect(segmentation.parts.map((part) => hexOf(part.udh))).toEqual([
      "0c08040203020105040b8423f0",
      "0c08040203020205040b8423f0",
    ]);
  });

  it("does not share its octets with the data given", () => {
    const given = data(10);
    const segmentation = segmentBinary(given, undefined, LONG, 7);
    given.fill(0xff);
    expect(segmentation).toMatchObject({ parts: [{ body: data(10) }] });
  });

  it.each<[string, number, string, object]>([
    [
      "a header cut short",
      1,
      "0605040b84",
      { reason: "malformed-header", error: { reason: "header-past-end" } },
    ],
    ["no octets as header", 1, "", { reason: "malformed-header", error: { reason: "empty" } }],
    ["more than a header", 1, "03240101ff", { reason: "data-after-header", headerOctets: 4, givenOctets: 5 }],
    ["a second concatenation", 200, "050003a70302", { reason: "already-concatenated" }],
  ])("is rejected under %s", (_, length, udh, rejection) => {
    expect(countBinaryParts(data(length), octetsOf(udh), LONG)).toMatchObject({ ok: false, ...rejection });
    expect(segmentBinary(data(length), octetsOf(udh), LONG, 1)).toMatchObject({ ok: false, ...rejection });
  });

  it("may be one part of several when its header says so", () => {
    expect(segmentBinary(data(134), octetsOf("050003a70302"), LONG, 1)).toMatchObject({
      parts: [{ body: data(134) }],
    });
  });

  it("needs room for one octet a part", () => {
    expect(countBinaryParts(data(20), filler(131), LONG)).toMatchObject({
      ok: true,
      partCapacity: 1,
      parts: 20,
    });
    expect(countBinaryParts(data(20), filler(132), LONG)).toMatchObject({
      reason: "header-too-long",
      headerOctets: 140,
    });
  });

  it("has no more parts than the profile allows, nor more than 255", () => {
    expect(countBinaryParts(data(1_340), undefined, DEFAULT_TEXT_PROFILE)).toMatchObject({ parts: 10 });
    expect(countBinaryParts(data(1_341), undefined, DEFAULT_TEXT_PROFILE)).toEqual({
      ok: false,
      reason: "too-many-parts",
      encoding: "binary8",
      units: 1_341,
      parts: 11,
      limit: 10,
    });
    const boundless = { ...LONG, maxParts: 1_000 };
    expect(countBinaryParts(data(34_170), undefined, boundless)).toMatchObject({ ok: true, parts: 255 });
    expect(countBinaryParts(data(34_171), undefined, boundless)).toMatchObject({
      ok: false,
      parts: 256,
      limit: 255,
    });
  });
});
