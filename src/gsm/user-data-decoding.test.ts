import { describe, expect, it } from "vitest";
import { DEFAULT_TEXT_PROFILE } from "./text-profile.ts";
import { decodeUserData, type ReadingProfile } from "./user-data-decoding.ts";

const octetsOf = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));

function textOf(
  octets: Uint8Array,
  dataCoding: number,
  profile: Partial<ReadingProfile> = {},
  hasUdh = false,
) {
  const decoded = decodeUserData(octets, dataCoding, hasUdh, { ...DEFAULT_TEXT_PROFILE, ...profile });
  return decoded.ok && decoded.content.kind === "text" ? decoded.content.text : decoded;
}

describe("reading a received message", () => {
  it("reads data_coding 0 as the carrier means it", () => {
    expect(textOf(octetsOf("00024f1b65"), 0)).toBe("@$O€");
    expect(textOf(latin1("@$Oé"), 0, { alphabet: "latin1" })).toBe("@$Oé");
    expect(textOf(latin1("a@b_c"), 0, { alphabet: "ascii" })).toBe("a@b_c");
    expect(textOf(octetsOf("e8329bfd06"), 0, { packing: "packed" })).toBe("hello");
  });

  it("reads packed septets behind a header from the septet boundary on", () => {
    // Six octets of header, one fill bit, then "hi" in 15 bits.
    expect(textOf(octetsOf("050003010201d069"), 0, { packing: "packed" }, true)).toBe("hi");
  });

  it("reads national tables that the header announces", () => {
    expect(textOf(octetsOf("032401011b67"), 0, {}, true)).toBe("ğ");
    expect(textOf(octetsOf("032501010c1b65"), 0, {}, true)).toBe("ğ€");
    expect(textOf(octetsOf("0625010624010615411b41"), 0, {}, true)).toBe("\u0915\u092dA");
  });

  it("follows the last of several announcements", () => {
    expect(textOf(octetsOf("062401022401011b67"), 0, {}, true)).toBe("ğ");
    expect(textOf(octetsOf("062501032501010c"), 0, {}, true)).toBe("ğ");
  });

  it("falls back to the default table for a language it does not know", () => {
    expect(textOf(octetsOf("0325016341"), 0, {}, true)).toBe("A");
  });

  it("reads UCS-2, also as flash", () => {
    expect(textOf(octetsOf("041f04400438d83dde00"), 0x08)).toBe("При😀");
    expect(decodeUserData(octetsOf("0041"), 0x18, false, DEFAULT_TEXT_PROFILE)).toMatchObject({
      messageClass: 0,
      content: { text: "A" },
    });
  });

  it("reads Latin-1, Cyrillic, Hebrew, Japanese and Korean by their data_coding", () => {
    expect(textOf(octetsOf("e9"), 0x03)).toBe("é");
    expect(textOf(octetsOf("bfe0d8"), 0x06)).toBe("При");
    expect(textOf(octetsOf("f9ece5ed"), 0x07)).toBe("שלום");
    expect(textOf(octetsOf("93fa967b"), 0x05)).toBe("日本");
    expect(textOf(octetsOf("1b2442467c4b5c1b2842"), 0x0a)).toBe("日本");
    expect(textOf(octetsOf("c7d1b1db"), 0x0e)).toBe("한글");
  });

  it("reads data_coding 1 as ASCII, or as GSM where it holds codes that ASCII text has not", () => {
    expect(textOf(latin1("a_b@c $5\r\n\t[x]"), 1)).toBe("a_b@c $5\r\n\t[x]");
    expect(textOf(octetsOf("61114062001b65"), 1)).toBe("a_¡b@€");
  });

  it("gives 8-bit data and compressed text as octets", () => {
    const binary = { ok: true, content: { kind: "binary", data: octetsOf("c0ffee") } };
    expect(decodeUserData(octetsOf("c0ffee"), 0x04, false, DEFAULT_TEXT_PROFILE)).toMatchObject(binary);
    expect(decodeUserData(octetsOf("c0ffee"), 0x20, false, DEFAULT_TEXT_PROFILE)).toMatchObject(binary);
    expect(decodeUserData(octetsOf("0605040b8423f0c0ffee"), 0xf5, true, DEFAULT_TEXT_PROFILE)).toMatchObject({
      ...binary,
      messageClass: 1,
      elements: [{ kind: "ports", destination: 2948, source: 9200 }],
    });
  });

  it("hands a message with a broken header back whole, with what is wrong", () => {
    const octets = octetsOf("0a000301");
    expect(decodeUserData(octets, 0, true, DEFAULT_TEXT_PROFILE)).toEqual({
      ok: false,
      error: { reason: "header-past-end", declared: 10, available: 3 },
      octets,
    });
    expect(decodeUserData(new Uint8Array(), 0, true, DEFAULT_TEXT_PROFILE)).toMatchObject({
      error: { reason: "empty" },
    });
  });

  it("reads an empty message as empty text", () => {
    expect(textOf(new Uint8Array(), 0)).toBe("");
    expect(textOf(new Uint8Array(), 0, { packing: "packed" })).toBe("");
    expect(textOf(new Uint8Array(), 8)).toBe("");
  });

  it("reads any octets under any data_coding without a throw", () => {
    const octets = Uint8Array.from({ length: 300 }, (_, index) => (index * 167 + 13) & 0xff);
    for (let dataCoding = 0; dataCoding < 256; dataCoding++) {
      for (let length = 0; length < 40; length++) {
        for (const hasUdh of [false, true]) {
          const decoded = decodeUserData(
            octets.subarray(length, 2 * length),
            dataCoding,
            hasUdh,
            DEFAULT_TEXT_PROFILE,
          );
          expect(decoded.ok || hasUdh).toBe(true);
        }
      }
    }
  });
});
