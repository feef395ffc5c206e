import { describe, expect, it } from "vitest";

import type { CarrierId } from "../../domain/ids.ts";
import { segment } from "../../gsm/segmentation.ts";
import { DEFAULT_TEXT_PROFILE } from "../../gsm/text-profile.ts";
import { dataSm, deliverSm } from "../../smpp/pdu/pdu-defaults.ts";
import { integerTlv, octetsTlv } from "../../smpp/pdu/tlv-values.ts";
import { readInbound } from "./read-inbound.ts";
import type { ReceivingSettings } from "./smpp-settings.ts";

const SETTINGS: ReceivingSettings = {
  profile: { alphabet: "gsm7", packing: "unpacked" },
  receiptId: "auto",
  receiptZoneMinutes: 0,
  receiptNumber: "source",
  sniffsReceipts: false,
};
const CARRIER = "0190a000-0000-7000-8000-000000000001" as CarrierId;

describe("readInbound", () => {
  it("reads GSM text, with a plus on an international number", () => {
    expect(read({ shortMessage: Uint8Array.of(0x00, 0x1b, 0x65) })).toEqual({
      carrierId: CARRIER,
      source: "+31611111111",
      destination: "12345",
      transportId: null,
      encoding: "gsm7",
      text: "@€",
      data: "",
      udh: "",
      concatenation: null,
    });
  });

  it("leaves other types of number as they are", () => {
    const source = { ton: 5, npi: 0, address: "Bank" };
    expect(read({ source })?.source).toBe("Bank");
  });

  it("reads UCS-2 with emoji and Latin-1", () => {
    const octets = Uint8Array.of(0xd8, 0x3d, 0xde, 0x00);
    expect(read({ dataCoding: 8, shortMessage: octets })).toMatchObject({ encoding: "ucs2", text: "😀" });
    expect(read({ dataCoding: 3, shortMessage: Uint8Array.of(0xe9) })).toMatchObject({
      encoding: "latin1",
      text: "é",
    });
  });

  it("reads data_coding 0 by the carrier's alphabet", () => {
    const latin1 = { ...SETTINGS, profile: { alphabet: "latin1", packing: "unpacked" } } as const;
    const pdu = deliver({ shortMessage: Uint8Array.of(0x40, 0xe9) });
    expect(readInbound(pdu, latin1, CARRIER)).toMatchObject({ encoding: "latin1", text: "@é" });
  });

  it.each([8, 16] as const)("reads parts under a header with %i bits of reference", (referenceBits) => {
    const profile = { ...DEFAULT_TEXT_PROFILE, referenceBits };
    const cut = segment("x".repeat(200), profile, 0x12a7);
    if (!cut.ok) throw new Error(cut.reason);
    const parts = cut.parts.map(({ octets }) => read({ esmClass: 0x40, shortMessage: octets }));
    const reference = referenceBits === 8 ? 0xa7 : 0x12a7;
    expect(parts.map((part) => part?.concatenation)).toEqual([
      { reference, total: 2, sequence: 1 },
      { reference, total: 2, sequence: 2 },
    ]);
    expect(parts.map((part) => part?.text).join("")).toBe("x".repeat(200));
  });

  it("reads parts by their sar parameters, unless a header says otherwise", () => {
    const tlvs = sar(300, 3, 2);
    expect(read({ tlvs })?.concatenation).toEqual({ reference: 300, total: 3, sequence: 2 });
    const header = Uint8Array.of(5, 0, 3, 9, 2, 1, 0x41);
    expect(read({ tlvs, esmClass: 0x40, shortMessage: header })?.concatenation).toEqual({
      reference: 9,
      total: 2,
      sequence: 1,
    });
  });

  it("ignores sar parameters that make no sense or are not all there", () => {
    expect(read({ tlvs: sar(1, 2, 3) })?.concatenation).toBeNull();
    expect(read({ tlvs: sar(1, 1, 1) })?.concatenation).toBeNull();
    expect(read({ tlvs: sar(1, 2, 1).slice(0, 2) })?.concatenation).toBeNull();
  });

  it("ignores sar parameters that came in more octets than they have and hold too large a number", () => {
    const most = { reference: 0xffff, total: 255, sequence: 255 };
    expect(read({ tlvs: wideSar(0xffff, 255, 255) })?.concatenation).toEqual(most);
    expect(read({ tlvs: wideSar(0x1_0000, 255, 255) })?.concatenation).toBeNull();
    expect(read({ tlvs: wideSar(0xffff, 256, 255) })?.concatenation).toBeNull();
    expect(read({ tlvs: wideSar(1, 0xffff_ffff, 1) })?.concatenation).toBeNull();
  });

  it("keeps ports and unknown elements of the header, and the data, in hex", () => {
    const octets = Uint8Array.of(11, 5, 4, 0x23, 0xf0, 0, 0, 0, 3, 1, 2, 1, 0xca, 0xfe);
    expect(read({ esmClass: 0x40, dataCoding: 4, shortMessage: octets })).toMatchObject({
      encoding: "binary",
      text: "",
      data: "cafe",
      udh: "06050423f00000",
      concatenation: { reference: 1, total: 2, sequence: 1 },
    });
  });

  it("reads a national table and does not show it as a header", () => {
    const octets = Uint8Array.of(3, 0x25, 1, 1, 0x60);
    expect(read({ esmClass: 0x40, shortMessage: octets })).toMatchObject({ text: "ç", udh: "" });
  });

  it("keeps all octets when the header makes no sense", () => {
    const octets = Uint8Array.of(200, 1, 2);
    expect(read({ esmClass: 0x40, shortMessage: octets })).toMatchObject({
      encoding: "binary",
      data: "c80102",
    });
  });

  it("keeps all octets under a header that is longer than a short message", () => {
    expect(read({ esmClass: 0x40, shortMessage: longHeader(137) })).toMatchObject({
      encoding: "gsm7",
      udh: `8b7089${"00".repeat(137)}`,
    });
    const octets = longHeader(138);
    const kept = { encoding: "binary", text: "", data: hexOf(octets), udh: "", concatenation: null };
    expect(read({ esmClass: 0x40, shortMessage: octets })).toMatchObject(kept);
    const tlvs = [octetsTlv("message_payload", octets)];
    const pdu = { ...dataSm({ esmClass: 0x40, tlvs }), commandStatus: 0, sequence: 1 };
    expect(readInbound(pdu, SETTINGS, CARRIER)).toMatchObject(kept);
  });

  it("reads message_payload, in data_sm too", () => {
    const tlvs = [octetsTlv("message_payload", Uint8Array.of(0x68, 0x69))];
    expect(read({ tlvs })?.text).toBe("hi");
    const pdu = { ...dataSm({ tlvs }), commandStatus: 0, sequence: 1 };
    expect(readInbound(pdu, SETTINGS, CARRIER)?.text).toBe("hi");
  });

  it("refuses a text in two places", () => {
    const tlvs = [octetsTlv("message_payload", Uint8Array.of(0x68))];
    expect(read({ tlvs, shortMessage: Uint8Array.of(0x69) })).toBeNull();
  });
});

function sar(reference: number, total: number, sequence: number) {
  return [
    integerTlv("sar_msg_ref_num", reference),
    integerTlv("sar_total_segments", total),
    integerTlv("sar_segment_seqnum", sequence),
  ];
}

/** The same in four octets each, as some peers send every number. */
function wideSar(...values: readonly [reference: number, total: number, sequence: number]) {
  return sar(0, 0, 0).map(({ tag }, index) => {
    const value = new Uint8Array(4);
    new DataView(value.buffer).setUint32(0, values[index] ?? 0);
    return { tag, value };
  });
}

/** A header of one element that holds so many octets, and two septets of text. */
function longHeader(octets: number): Uint8Array {
  return Uint8Array.of(octets + 2, 0x70, octets, ...new Uint8Array(octets), 0x41, 0x42);
}

function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}

function read(given: Parameters<typeof deliverSm>[0]) {
  return readInbound(deliver(given), SETTINGS, CARRIER);
}

function deliver(given: Parameters<typeof deliverSm>[0]) {
  const source = { ton: 1, npi: 1, address: "31611111111" };
  const destination = { ton: 3, npi: 0, address: "12345" };
  return { ...deliverSm({ source, destination, ...given }), commandStatus: 0, sequence: 1 };
}
