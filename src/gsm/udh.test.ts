import { describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { concatenationOf, type UdhElement } from "./udh.ts";
import { decodeUdh, describeUdhError, type UdhError } from "./udh-decoding.ts";
import { encodeUdh, udhLength } from "./udh-encoding.ts";

const octetsOf = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const hexOf = (octets: Uint8Array) => Buffer.from(octets).toString("hex");

const GOLDEN: readonly (readonly [hex: string, elements: readonly UdhElement[]])[] = [
  ["050003a70302", [{ kind: "concatenation", referenceBits: 8, reference: 0xa7, total: 3, sequence: 2 }]],
  [
    "06080412340a0a",
    [{ kind: "concatenation", referenceBits: 16, reference: 0x1234, total: 10, sequence: 10 }],
  ],
  ["0404020b84", [{ kind: "ports", portBits: 8, destination: 11, source: 132 }]],
  ["0605040b8423f0", [{ kind: "ports", portBits: 16, destination: 2948, source: 9200 }]],
  ["03240101", [{ kind: "national-single-shift", language: 1 }]],
  ["03250103", [{ kind: "national-locking-shift", language: 3 }]],
  ["0470020102", [{ kind: "unknown", id: 0x70, data: octetsOf("0102") }]],
  ["027f00", [{ kind: "unknown", id: 0x7f, data: octetsOf("") }]],
  [
    "0e050415810000000301020124010d",
    [
      { kind: "ports", portBits: 16, destination: 0x1581, source: 0 },
      { kind: "concatenation", referenceBits: 8, reference: 1, total: 2, sequence: 1 },
      { kind: "national-single-shift", language: 13 },
    ],
  ],
];

describe("a user data header", () => {
  it.each(GOLDEN)("%s is read and written back octet for octet", (hex, elements) => {
    const headerOctets = hex.length / 2;
    expect(decodeUdh(octetsOf(hex))).toEqual({ ok: true, elements, headerOctets });
    expect(decodeUdh(octetsOf(`${hex}c8329bfd`))).toEqual({ ok: true, elements, headerOctets });
    expect(hexOf(encodeUdh(elements))).toBe(hex);
    expect(udhLength(elements)).toBe(headerOctets);
  });

  it.each(GOLDEN)("%s cut short anywhere names what is missing", (hex) => {
    const whole = octetsOf(hex);
    expect(decodeUdh(whole.subarray(0, 0))).toEqual({ ok: false, error: { reason: "empty" } });
    for (let length = 1; length < whole.length; length++) {
      const error = { reason: "header-past-end", declared: whole.length - 1, available: length - 1 };
      expect(decodeUdh(whole.subarray(0, length))).toEqual({ ok: false, error });
    }
  });

  it.each(GOLDEN)(
    "%s with a length octet that cuts it short is an error or ends between two elements",
    (hex, elements) => {
      const octets = octetsOf(hex);
      for (let declared = 0; declared < octets.length - 1; declared++) {
        octets[0] = declared;
        const decoded = decodeUdh(octets);
        const read = decoded.ok ? decoded.elements : decoded.error.reason;
        const whole = elements.slice(0, read.length);
        expect(["element-without-length", "element-past-header", whole]).toContainEqual(read);
      }
    },
  );

  it("may be empty on the wire, and no elements make no header", () => {
    expect(decodeUdh(octetsOf("00"))).toEqual({ ok: true, elements: [], headerOctets: 1 });
    expect(encodeUdh([])).toHaveLength(0);
    expect(udhLength([])).toBe(0);
  });

  it.each<[string, string, UdhError]>([
    [
      "an element that reaches past the header",
      "050004a70301",
      { reason: "element-past-header", offset: 1, id: 0, declared: 4, available: 3 },
    ],
    ["an element without a length", "0470010908", { reason: "element-without-length", offset: 4, id: 8 }],
    ["a length past the end", "0a00", { reason: "header-past-end", declared: 10, available: 1 }],
  ])("names %s", (_, hex, error) => {
    expect(decodeUdh(octetsOf(hex))).toEqual({ ok: false, error });
  });

  it("does not take the octets behind the header for an element's length or data", () => {
    expect(decodeUdh(octetsOf("0370010924ffff"))).toMatchObject({ ok: true, headerOctets: 4 });
    expect(decodeUdh(octetsOf("0124ff"))).toMatchObject({ error: { reason: "element-without-length" } });
    expect(decodeUdh(octetsOf("022401ff"))).toMatchObject({ error: { reason: "element-past-header" } });
  });

  it.each([
    ["a part 0", "050003a70300"],
    ["a part past the total", "050003a70304"],
    ["a total of 0", "050003a70000"],
    ["a concatenation of the wrong length", "0600040102030c"],
    ["a port of the wrong length", "0405020b84"],
    ["a language without octets", "022400"],
  ])("keeps %s as an unknown element, as the standard ignores it", (_, hex) => {
    expect(decodeUdh(octetsOf(hex))).toMatchObject({ ok: true, elements: [{ kind: "unknown" }] });
    expect(writtenBack(octetsOf(hex))).toBe(hex);
  });

  it("follows the last of several concatenations", () => {
    const decoded = decodeUdh(octetsOf("0b0003010201080402030201"));
    expect(decoded).toMatchObject({ ok: true });
    expect(decoded.ok && concatenationOf(decoded.elements)).toMatchObject({
      referenceBits: 16,
      reference: 0x0203,
    });
    expect(concatenationOf([])).toBeUndefined();
  });

  it("does not change with the buffer it was read from", () => {
    const octets = octetsOf("0470020102");
    const decoded = decodeUdh(octets);
    octets.fill(0xff);
    expect(decoded).toMatchObject({ elements: [{ data: octetsOf("0102") }] });
  });
});

const filler = (length: number): UdhElement => ({
  kind: "unknown",
  id: 0x70,
  data: new Uint8Array(length),
});

describe("writing a header", () => {
  it("fills 140 octets and not one more", () => {
    expect(encodeUdh([filler(137)])).toHaveLength(140);
    expect(() => encodeUdh([filler(138)])).toThrow("141 octets");
  });

  it.each<[string, UdhElement]>([
    [
      "a reference of 256 in 8 bits",
      { kind: "concatenation", referenceBits: 8, reference: 256, total: 2, sequence: 1 },
    ],
    [
      "a negative reference",
      { kind: "concatenation", referenceBits: 8, reference: -1, total: 2, sequence: 1 },
    ],
    ["a part 0", { kind: "concatenation", referenceBits: 8, reference: 1, total: 2, sequence: 0 }],
    [
      "a part past the total",
      { kind: "concatenation", referenceBits: 8, reference: 1, total: 2, sequence: 3 },
    ],
    ["256 parts", { kind: "concatenation", referenceBits: 8, reference: 1, total: 256, sequence: 1 }],
    ["port 65536", { kind: "ports", portBits: 16, destination: 65_536, source: 0 }],
    ["port 256 in 8 bits", { kind: "ports", portBits: 8, destination: 0, source: 256 }],
    ["half a port", { kind: "ports", portBits: 8, destination: 0.5, source: 0 }],
    ["element number 256", { kind: "unknown", id: 256, data: new Uint8Array() }],
  ])("refuses %s", (_, element) => {
    expect(() => encodeUdh([element])).toThrow(RangeError);
  });
});

describe("describeUdhError", () => {
  it.each<[UdhError, string]>([
    [{ reason: "empty" }, "no octets"],
    [{ reason: "header-past-end", declared: 9, available: 4 }, "declares 9 octets but 4 follow"],
    [{ reason: "element-without-length", offset: 4, id: 8 }, "0x08 at octet 4 ends before its length"],
    [
      { reason: "element-past-header", offset: 1, id: 0x24, declared: 4, available: 3 },
      "0x24 at octet 1 declares 4 octets but 3",
    ],
  ])("says %j in words", (error, words) => {
    expect(describeUdhError(error)).toContain(words);
  });
});

/** The header that decoding and encoding again makes, in hex, or "error" when the octets are none. */
function writtenBack(octets: Uint8Array): string {
  const decoded = decodeUdh(octets);
  if (!decoded.ok) return describeUdhError(decoded.error).includes("header") ? "error" : "no words";
  // A header without elements is not written at all.
  return decoded.elements.length === 0 ? "00" : hexOf(encodeUdh(decoded.elements));
}

function expectHarmless(octets: Uint8Array): void {
  expect([hexOf(octets.subarray(0, 1 + (octets[0] ?? 0))), "error"]).toContain(writtenBack(octets));
}

describe("any octets at all", () => {
  const seed = Number(process.env["MSGBIN_TEST_SEED"] ?? Date.now() % 2 ** 31);
  console.log(`user data header fuzzing: MSGBIN_TEST_SEED=${seed}`);

  it("make a header that is written back as it came, or an error in words", () => {
    const headerish = fc
      .uint8Array({ maxLength: 40 })
      .map((octets) =>
        octets.length > 1 ? Uint8Array.of(octets.length - 1, ...octets.subarray(1)) : octets,
      );
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), headerish), expectHarmless), {
      seed,
      numRuns: 5_000,
    });
  });

  it("that differ from a golden header in a few places do no harm", () => {
    const golden = GOLDEN.map(([hex]) => octetsOf(hex));
    const change = fc.tuple(fc.nat({ max: 14 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.constantFrom(...golden), fc.array(change, { maxLength: 3 }), (header, changes) => {
        const octets = header.slice();
        for (const [at, value] of changes) if (at < octets.length) octets[at] = value;
        expectHarmless(octets);
      }),
      { seed, numRuns: 5_000 },
    );
  });
});
