import { describe, expect, it } from "vitest";
import { partCapacity } from "./capacity.ts";
import { countParts, segment, type Segmentation } from "./segmentation.ts";
import type { TextOptions } from "./text-layout.ts";
import { DEFAULT_TEXT_PROFILE, type TextProfile } from "./text-profile.ts";
import { decodeUserData } from "./user-data-decoding.ts";

const LONG: TextProfile = { ...DEFAULT_TEXT_PROFILE, maxParts: 255 };

const hexOf = (octets: Uint8Array | undefined) => octets && Buffer.from(octets).toString("hex");

/** Cuts a text that must be cuttable, after checking that counting alone says the same. */
function parts(
  text: string,
  profile: TextProfile = LONG,
  reference = 0x1234,
  options: TextOptions = {},
): Segmentation {
  const segmentation = segment(text, profile, reference, options);
  const count = countParts(text, profile, options);
  if (!segmentation.ok) throw new Error(`rejected: ${segmentation.reason}`);
  expect(count).toEqual({ ...segmentation, parts: segmentation.parts.length });
  return segmentation;
}

const unitsOf = (segmentation: Segmentation) => segmentation.parts.map((part) => part.units);

describe("partCapacity", () => {
  it.each([
    [0, 160, 70, 140],
    [4, 155, 68, 136],
    [6, 153, 67, 134],
    [7, 152, 66, 133],
    [9, 149, 65, 131],
    [10, 148, 65, 130],
    [12, 146, 64, 128],
    [13, 145, 63, 127],
    [139, 1, 0, 1],
    [140, 0, 0, 0],
  ])(
    "behind %i octets of header is %i septets, %i UTF-16 units or %i octets",
    (headerOctets, septets, units, octets) => {
      expect(partCapacity("gsm7", headerOctets)).toBe(septets);
      expect(partCapacity("ucs2", headerOctets)).toBe(units);
      expect(partCapacity("binary8", headerOctets)).toBe(octets);
      expect(partCapacity("latin1", headerOctets)).toBe(octets);
    },
  );
});

const headerOf = (referenceBits: 8 | 16, reference: number) =>
  hexOf(parts("a".repeat(161), { ...LONG, referenceBits }, reference).parts[0]?.udh);

describe("counting and cutting", () => {
  it.each<[string, string, "gsm7" | "ucs2", readonly number[]]>([
    ["nothing is one part of no units", "", "gsm7", [0]],
    ["160 septets fit into one part", "a".repeat(160), "gsm7", [160]],
    ["161 septets need two", "a".repeat(161), "gsm7", [153, 8]],
    ["306 septets fill two", "a".repeat(306), "gsm7", [153, 153]],
    ["307 septets need three", "a".repeat(307), "gsm7", [153, 153, 1]],
    ["80 euro signs fit into one part", "€".repeat(80), "gsm7", [160]],
    ["81 do not, and each part leaves a septet free", "€".repeat(81), "gsm7", [152, 10]],
    ["an escape never stays behind", `${"a".repeat(152)}€${"b".repeat(10)}`, "gsm7", [152, 12]],
    ["an escape that fits is kept", `${"a".repeat(151)}€${"b".repeat(10)}`, "gsm7", [153, 10]],
    ["form feed is an escape", "\f".repeat(80), "gsm7", [160]],
    ["CRLF takes two septets and may be cut", "\r\n".repeat(81), "gsm7", [153, 9]],
    ["one character outside makes the whole text UCS-2", `${"a".repeat(69)}\``, "ucs2", [70]],
    ["71 UTF-16 units need two parts", "一".repeat(71), "ucs2", [67, 4]],
    ["36 emoji keep their halves together", "😀".repeat(36), "ucs2", [66, 6]],
    ["a pair on the boundary moves on", `${"я".repeat(66)}😀${"b".repeat(10)}`, "ucs2", [66, 12]],
    ["a pair before the boundary stays", `${"я".repeat(65)}😀${"b".repeat(10)}`, "ucs2", [67, 10]],
    ["a tab is not in the alphabet", "a\tb", "ucs2", [3]],
    ["a no-break space is not in the alphabet", "a\u00a0b", "ucs2", [3]],
  ])("%s", (_, text, encoding, units) => {
    const segmentation = parts(text);
    expect(segmentation.encoding).toBe(encoding);
    expect(unitsOf(segmentation)).toEqual(units);
    expect(segmentation.parts.map((part) => part.text).join("")).toBe(text);
  });

  it("takes one septet less a part for a 16-bit reference", () => {
    const profile: TextProfile = { ...LONG, referenceBits: 16 };
    expect(unitsOf(parts("a".repeat(304), profile))).toEqual([152, 152]);
    expect(unitsOf(parts("一".repeat(71), profile))).toEqual([66, 5]);
  });

  it("writes a single part without a header", () => {
    const [only] = parts("hi{").parts;
    expect(only?.udh).toBeUndefined();
    expect(hexOf(only?.body)).toBe("68691b28");
    expect(only?.octets).toEqual(only?.body);
  });

  it("writes the concatenation before each of several parts", () => {
    const { parts: eight } = parts("a".repeat(307));
    expect(eight.map((part) => hexOf(part.udh))).toEqual(["050003340301", "050003340302", "050003340303"]);
    const { parts: sixteen } = parts("a".repeat(307), { ...LONG, referenceBits: 16 });
    expect(sixteen.map((part) => hexOf(part.udh))).toEqual([
      "06080412340301",
      "06080412340302",
      "06080412340303",
    ]);
    for (const part of [...eight, ...sixteen]) {
      expect(hexOf(part.octets)).toBe(`${hexOf(part.udh)}${hexOf(part.body)}`);
    }
  });

  it("cuts a reference to its width", () => {
    expect(headerOf(8, 255)).toBe("050003ff0201");
    expect(headerOf(8, 256)).toBe("050003000201");
    expect(headerOf(16, 65_535)).toBe("060804ffff0201");
    expect(headerOf(16, 65_536)).toBe("06080400000201");
  });

  it("sends half a surrogate pair as U+FFFD", () => {
    const { text, parts: only } = parts("a\ud83d");
    expect(text).toBe("a\ufffd");
    expect(hexOf(only[0]?.body)).toBe("0061fffd");
  });
});

describe("the limit of parts", () => {
  it.each([
    [1, 160, 161, 2],
    [10, 1_530, 1_531, 11],
    [255, 39_015, 39_016, 256],
    [999, 39_015, 39_016, 256],
  ])("of %i takes %i septets and rejects %i with the count", (maxParts, fits, tooMany, count) => {
    const profile = { ...LONG, maxParts };
    expect(countParts("a".repeat(fits), profile)).toMatchObject({ ok: true, units: fits });
    const rejection = {
      ok: false,
      reason: "too-many-parts",
      encoding: "gsm7",
      units: tooMany,
      parts: count,
      limit: Math.min(maxParts, 255),
    };
    expect(countParts("a".repeat(tooMany), profile)).toEqual(rejection);
    expect(segment("a".repeat(tooMany), profile, 1)).toEqual(rejection);
  });

  it("is 255 parts of UCS-2 too", () => {
    expect(parts("一".repeat(17_085)).parts).toHaveLength(255);
    expect(countParts("一".repeat(17_086), LONG)).toMatchObject({ reason: "too-many-parts", parts: 256 });
  });

  it("is ten by default", () => {
    expect(countParts("a".repeat(1_531), DEFAULT_TEXT_PROFILE)).toMatchObject({
      reason: "too-many-parts",
      limit: 10,
    });
  });
});

describe("a forced encoding", () => {
  it("writes plain text as UCS-2", () => {
    expect(parts("hi", LONG, 1, { encoding: "ucs2" })).toMatchObject({ encoding: "ucs2", units: 2 });
  });

  it("counts Latin-1 in octets", () => {
    const latin1 = { encoding: "latin1" } as const;
    expect(unitsOf(parts("ç{".repeat(70), LONG, 1, latin1))).toEqual([140]);
    expect(unitsOf(parts("ç".repeat(141), LONG, 1, latin1))).toEqual([134, 7]);
    expect(hexOf(parts("çÿ", LONG, 1, latin1).parts[0]?.body)).toBe("e7ff");
  });

  it.each<[TextOptions["encoding"], string, string, number]>([
    ["gsm7", "naïve 😀", "ï", 2],
    ["gsm7", "hi 😀", "😀", 3],
    ["latin1", "ça €5", "€", 3],
  ])("%s rejects %j and names the character", (encoding, text, character, index) => {
    const rejection = { ok: false, reason: "not-encodable", encoding, character, index };
    expect(countParts(text, LONG, encoding && { encoding })).toEqual(rejection);
    expect(segment(text, LONG, 1, encoding && { encoding })).toEqual(rejection);
  });
});

describe("a carrier whose data_coding 0 is not GSM", () => {
  const latin1: TextProfile = { ...LONG, alphabet: "latin1" };
  const ascii: TextProfile = { ...LONG, alphabet: "ascii" };

  it("gets Latin-1 octets, counted in the septets they become", () => {
    const { encoding, units, parts: only } = parts("é{@", latin1);
    expect({ encoding, units, body: hexOf(only[0]?.body) }).toEqual({
      encoding: "gsm7",
      units: 4,
      body: "e97b40",
    });
    expect(unitsOf(parts("[".repeat(81), latin1))).toEqual([152, 10]);
  });

  it.each([
    ["€ is not in Latin-1", "€", latin1],
    ["Greek is not in Latin-1", "Δ", latin1],
    ["ç would be lost on the way into GSM", "ç", latin1],
    ["é is not in ASCII", "é", ascii],
    ["a backtick would be lost on the way into GSM", "`", ascii],
  ])("gets UCS-2 where %s", (_, text, profile) => {
    expect(parts(text, profile).encoding).toBe("ucs2");
  });

  it("gets no national tables, which it could not be told of", () => {
    const profile: TextProfile = {
      ...latin1,
      nationalLanguages: { locking: ["turkish"], singleShift: ["turkish"] },
    };
    expect(parts("ğ".repeat(100), profile).encoding).toBe("ucs2");
  });
});

describe("packed septets", () => {
  const packed: TextProfile = { ...LONG, packing: "packed" };

  it("take 140 octets for 160 characters", () => {
    expect(hexOf(parts("hellohello", packed).parts[0]?.body)).toBe("e8329bfd4697d9ec37");
    expect(parts("a".repeat(160), packed).parts[0]?.octets).toHaveLength(140);
  });

  it("start on a septet boundary behind a header", () => {
    const { parts: two } = parts("a".repeat(161), packed);
    expect(two.map((part) => part.octets.length)).toEqual([140, 14]);
    // One fill bit, then 'a' (0x61) twice: 0110_0001 shifted up by one, and so on.
    expect(hexOf(two[0]?.body.subarray(0, 2))).toBe("c2e1");
  });
});

const turkish = (locking: boolean, singleShift: boolean): TextProfile => ({
  ...LONG,
  nationalLanguages: { locking: locking ? ["turkish"] : [], singleShift: singleShift ? ["turkish"] : [] },
});

describe("national language tables", () => {
  it("are off by default", () => {
    expect(parts("ğ".repeat(80)).encoding).toBe("ucs2");
  });

  it("are used where they save a part, with their header", () => {
    const single = parts("ĞŞİğşı".repeat(13).slice(0, 77), turkish(false, true));
    expect(single).toMatchObject({ encoding: "gsm7", tables: { singleShift: "turkish" }, partCapacity: 155 });
    expect(hexOf(single.parts[0]?.udh)).toBe("03240101");
    expect(unitsOf(parts("ğ".repeat(155), turkish(true, false)))).toEqual([155]);
    expect(unitsOf(parts("ğ".repeat(156), turkish(true, false)))).toEqual([149, 7]);
    expect(unitsOf(parts("ğ".repeat(156), { ...turkish(true, false), referenceBits: 16 }))).toEqual([148, 8]);
  });

  it("are left where UCS-2 takes as few parts, which every handset shows", () => {
    expect(parts("ğ".repeat(70), turkish(true, true)).encoding).toBe("ucs2");
    expect(parts("ğ".repeat(71), turkish(true, true)).encoding).toBe("gsm7");
    expect(parts("ğ", turkish(true, true), 1, { encoding: "gsm7" }).encoding).toBe("gsm7");
  });

  it("are left where the default alphabet is enough", () => {
    expect(parts("plain", turkish(true, true)).parts[0]?.udh).toBeUndefined();
  });

  it("are chosen for the fewest parts, then the fewest septets", () => {
    const profile: TextProfile = {
      ...LONG,
      nationalLanguages: {
        locking: ["portuguese", "turkish"],
        singleShift: ["spanish", "turkish", "portuguese"],
      },
    };
    expect(parts("ã".repeat(100), profile).tables).toEqual({ locking: "portuguese", singleShift: undefined });
    expect(parts("á".repeat(71), profile).tables).toEqual({ locking: "portuguese", singleShift: undefined });
    // Neither language alone has both letters.
    const mixed = parts("ğğğğã".repeat(20), profile);
    expect(mixed.tables).toEqual({ locking: "turkish", singleShift: "portuguese" });
    expect(mixed.partCapacity).toBe(152);
    expect(hexOf(mixed.parts[0]?.udh)).toBe("06240103250101");
  });

  it("take the concatenation's place in the header into account", () => {
    const both: TextProfile = { ...LONG, nationalLanguages: { locking: ["hindi"], singleShift: ["hindi"] } };
    const one = parts(`${"क".repeat(150)}A`, both);
    expect(one).toMatchObject({ partCapacity: 152, units: 152 });
    expect(hexOf(one.parts[0]?.udh)).toBe("06240106250106");
    const three = parts(`${"क".repeat(300)}A`, both);
    expect(three.partCapacity).toBe(146);
    expect(hexOf(three.parts[1]?.udh)).toBe("0b0003340302240106250106");
  });

  it("have no locking table for Spanish", () => {
    const profile: TextProfile = { ...LONG, nationalLanguages: { locking: ["spanish"], singleShift: [] } };
    expect(parts("á".repeat(71), profile).encoding).toBe("ucs2");
  });
});

describe("look-alikes", () => {
  const smart: TextProfile = { ...LONG, lookAlikes: true };

  it("are left alone by default", () => {
    expect(parts("“hi”")).toMatchObject({ encoding: "ucs2", text: "“hi”" });
  });

  it("are replaced where that brings the text into the alphabet", () => {
    expect(parts("“hi” – there…", smart)).toMatchObject({
      encoding: "gsm7",
      text: '"hi" - there...',
      units: 15,
    });
  });

  it("are left alone where it does not: a UCS-2 message keeps its typography", () => {
    expect(parts("“hi” 😀", smart)).toMatchObject({ encoding: "ucs2", text: "“hi” 😀" });
  });

  it("are replaced for a national table too", () => {
    const profile: TextProfile = { ...smart, nationalLanguages: { locking: ["turkish"], singleShift: [] } };
    expect(parts(`“${"ğ".repeat(80)}”`, profile)).toMatchObject({
      encoding: "gsm7",
      text: `"${"ğ".repeat(80)}"`,
    });
  });

  it("are held to what the carrier's alphabet has", () => {
    expect(parts("“hi”", { ...smart, alphabet: "ascii" })).toMatchObject({ encoding: "gsm7", text: '"hi"' });
    expect(parts("“hé”", { ...smart, alphabet: "ascii" })).toMatchObject({ encoding: "ucs2", text: "“hé”" });
  });
});

describe("keeping clusters", () => {
  const keeping: TextProfile = { ...LONG, keepClusters: true };
  const family = "👨‍👩‍👧‍👦";

  it("is off by default: a flag may be cut between its two letters", () => {
    expect(unitsOf(parts(`${"я".repeat(65)}🇩🇪${"b".repeat(4)}`))).toEqual([67, 6]);
  });

  it("moves a whole cluster to the next part", () => {
    expect(unitsOf(parts(`${"я".repeat(65)}🇩🇪${"b".repeat(4)}`, keeping))).toEqual([65, 8]);
    expect(unitsOf(parts(`${"я".repeat(60)}${family}bb`, keeping))).toEqual([60, 13]);
    expect(unitsOf(parts(`${"a".repeat(152)}\r\n${"b".repeat(10)}`, keeping))).toEqual([152, 12]);
  });

  it("counts as the standard does past 255 parts, where no text goes out anyway", () => {
    const flags = "🇩🇪".repeat(17_085 / 4 + 1);
    expect(countParts(flags, keeping)).toMatchObject({ reason: "too-many-parts", parts: 259 });
    const tooMany = "🇩🇪".repeat(100_000);
    const wire = countParts(tooMany, LONG);
    expect(wire).toMatchObject({ reason: "too-many-parts" });
    expect(countParts(tooMany, keeping)).toEqual(wire);
  });

  it("cuts a cluster that is longer than a part, but no surrogate pair", () => {
    const zalgo = `e${"\u0301".repeat(100)}`;
    expect(unitsOf(parts(zalgo, keeping))).toEqual([67, 34]);
    const chain = Array.from({ length: 40 }, () => "👩").join("\u200d");
    for (const part of parts(chain, keeping).parts) expect(part.text.isWellFormed()).toBe(true);
  });
});

const filler = (length: number): TextOptions => ({
  header: [{ kind: "unknown", id: 0x70, data: new Uint8Array(length) }],
});

describe("elements that every part carries", () => {
  const ports = { kind: "ports", portBits: 16, destination: 2948, source: 9200 } as const;

  it("take room in one part and in several", () => {
    const header = [ports];
    const one = parts("a".repeat(152), LONG, 1, { header });
    expect(one).toMatchObject({ partCapacity: 152 });
    expect(hexOf(one.parts[0]?.udh)).toBe("0605040b8423f0");
    const two = parts("a".repeat(153), LONG, 1, { header });
    expect(unitsOf(two)).toEqual([146, 7]);
    expect(hexOf(two.parts[1]?.udh)).toBe("0b000301020205040b8423f0");
  });

  it("may leave room for two units and not for fewer", () => {
    // 140 octets: 1 of length, 2 before the data, 5 of concatenation, 2 of text.
    const { partCapacity: capacity } = parts("abcd".repeat(10), LONG, 1, filler(130));
    expect(capacity).toBe(2);
    const rejection = { ok: false, reason: "header-too-long", headerOctets: 139 };
    expect(countParts("abcd".repeat(10), LONG, filler(131))).toEqual(rejection);
    expect(segment("abcd".repeat(10), LONG, 1, filler(131))).toEqual(rejection);
    expect(countParts("", LONG, filler(200))).toMatchObject({ reason: "header-too-long" });
  });
});

describe("a part", () => {
  it("reads back as its slice of the text, under the header it was sent with", () => {
    const text = "Grüße {aus} [Köln] für 5€ ".repeat(20);
    for (const packing of ["unpacked", "packed"] as const) {
      const profile: TextProfile = { ...LONG, packing };
      for (const part of parts(text, profile).parts) {
        const decoded = decodeUserData(part.octets, 0, true, profile);
        expect(decoded).toMatchObject({ ok: true, content: { text: part.text } });
      }
    }
  });
});
