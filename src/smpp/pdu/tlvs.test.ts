import { describe, expect, it } from "vitest";
import { decodePdu } from "./decode-pdu.ts";
import { encodePdu } from "./encode-pdu.ts";
import { hex } from "./golden-pdus.fixture.ts";
import { messageContent } from "./message-content.ts";
import { deliverSm } from "./pdu-defaults.ts";
import type { PduFlaw } from "./pdu-flaw.ts";
import type { DeliverSm } from "./pdu.ts";
import { TLV_TABLE, tlvSpec } from "./tlv-table.ts";
import {
  findTlv,
  flagTlv,
  integerTlv,
  octetsTlv,
  readIntegerTlv,
  readNetworkErrorCode,
  readOctetsTlv,
  readTextTlv,
  textTlv,
} from "./tlv-values.ts";
import type { Tlv } from "./tlv.ts";

/** A deliver_sm with the short message "Hi" and `tail` after it, decoded. */
function withTail(tail: string): { readonly pdu: DeliverSm; readonly flaws: readonly PduFlaw[] } {
  const head = encodePdu({ ...deliverSm({ shortMessage: hex("4869") }), commandStatus: 0, sequence: 1 });
  const bytes = Uint8Array.from([...head, ...hex(tail)]);
  new DataView(bytes.buffer).setUint32(0, bytes.length);
  const result = decodePdu(bytes);
  if (!result.ok || result.pdu.command !== "deliver_sm") throw new Error("not readable");
  expect(result.pdu.shortMessage).toEqual(hex("4869"));
  return { pdu: result.pdu, flaws: result.flaws };
}

describe("optional parameters", () => {
  it("keep vendor and unknown tags in order and write them back unchanged", () => {
    const { pdu, flaws } = withTail("1400 0003 504531 3fff 0000 0424 0000 1400 0001 00 0008 0001 07");
    expect(pdu.tlvs.map(({ tag }) => tag)).toEqual([0x1400, 0x3fff, 0x0424, 0x1400, 0x0008]);
    expect(flaws).toEqual(["nonstandard-tlv-size"]);
    expect(decodePdu(encodePdu(pdu))).toMatchObject({ ok: true, pdu });
  });

  it("of a nonstandard size are kept, noted and still read as a number", () => {
    const { pdu, flaws } = withTail("0204 0001 2a");
    expect(flaws).toEqual(["nonstandard-tlv-size"]);
    expect(readIntegerTlv(pdu.tlvs, "user_message_reference")).toBe(42);
    const wide = withTail("0427 0004 00000002 1204 0005 0000000001");
    expect(readIntegerTlv(wide.pdu.tlvs, "message_state")).toBe(2);
    expect(readIntegerTlv(wide.pdu.tlvs, "ms_validity")).toBeUndefined();
    expect(readIntegerTlv(withTail("0427 0000").pdu.tlvs, "message_state")).toBeUndefined();
  });

  it("with a string that lacks its NUL keep the last character", () => {
    const { pdu, flaws } = withTail("001e 0003 616263");
    expect(flaws).toEqual(["unterminated-tlv"]);
    expect(readTextTlv(pdu.tlvs, "receipted_message_id")).toBe("abc");
    expect(readTextTlv(withTail("001e 0004 61626300").pdu.tlvs, "receipted_message_id")).toBe("abc");
  });

  it("of octets keep a NUL at their end", () => {
    const { pdu, flaws } = withTail("0424 0003 610000 0423 0003 030d00");
    expect(flaws).toEqual([]);
    expect(readOctetsTlv(pdu.tlvs, "message_payload")).toEqual(hex("610000"));
    expect(readNetworkErrorCode(pdu.tlvs)).toEqual({ networkType: 3, code: 0x0d00 });
    expect(readNetworkErrorCode(withTail("0423 0002 0300").pdu.tlvs)).toBeUndefined();
    expect(readNetworkErrorCode([])).toBeUndefined();
  });

  it("that end inside one keep those before it, and the PDU", () => {
    const { pdu, flaws } = withTail("0427 0001 02 001e 0009 616263");
    expect(flaws).toEqual(["truncated-tlv"]);
    expect(pdu.tlvs).toEqual([integerTlv("message_state", 2)]);
    expect(withTail("0427 0001 02 001e 00").flaws).toEqual(["truncated-tlv"]);
    expect(withTail("0427 ffff 02").pdu.tlvs).toEqual([]);
  });

  it.each(["00", "0000", "000000"])("tolerate %s after the short message", (tail) => {
    expect(withTail(tail)).toMatchObject({ pdu: { tlvs: [] }, flaws: ["stray-nul"] });
  });

  it("are found behind a stray NUL", () => {
    const { pdu, flaws } = withTail("00 0427 0001 02 001e 0004 61626300");
    expect(flaws).toEqual(["stray-nul"]);
    expect(readIntegerTlv(pdu.tlvs, "message_state")).toBe(2);
    expect(readTextTlv(pdu.tlvs, "receipted_message_id")).toBe("abc");
  });

  it("beginning with a NUL of their own are not mistaken for a stray one", () => {
    expect(withTail("0005 0001 01").pdu.tlvs).toEqual([integerTlv("dest_addr_subunit", 1)]);
  });
});

describe("the table of optional parameters", () => {
  it("has the 44 of SMPP 3.4 §5.3.2, each tag once", () => {
    const tags = Object.values(TLV_TABLE).map(({ tag }) => tag);
    expect(new Set(tags).size).toBe(44);
    expect(tags.map((tag) => tlvSpec(tag)?.name)).toEqual(Object.keys(TLV_TABLE));
    expect(tlvSpec(0x1400)).toBeUndefined();
  });
});

describe("values of optional parameters", () => {
  it("are written in the size of the standard", () => {
    expect(integerTlv("qos_time_to_live", 0x01020304)).toEqual({ tag: 0x0017, value: hex("01020304") });
    expect(integerTlv("qos_time_to_live", 0xffffffff).value).toEqual(hex("ffffffff"));
    expect(integerTlv("source_port", 9200)).toEqual({ tag: 0x020a, value: hex("23f0") });
    expect(textTlv("receipted_message_id", "aé")).toEqual({ tag: 0x001e, value: hex("61e900") });
    expect(flagTlv("alert_on_message_delivery")).toEqual({ tag: 0x130c, value: hex("") });
    expect(octetsTlv("its_session_info", hex("0102"))).toEqual({ tag: 0x1383, value: hex("0102") });
  });

  it("are refused when they do not fit, one past each limit", () => {
    expect(integerTlv("message_state", 255).value).toEqual(hex("ff"));
    expect(() => integerTlv("message_state", 256)).toThrow("message_state does not fit 1 bytes: 256");
    expect(() => integerTlv("message_state", -1)).toThrow(RangeError);
    expect(() => integerTlv("message_state", 1.5)).toThrow(RangeError);
    expect(textTlv("receipted_message_id", "a".repeat(64)).value).toHaveLength(65);
    expect(() => textTlv("receipted_message_id", "a".repeat(65))).toThrow(RangeError);
    expect(() => textTlv("receipted_message_id", "a\0")).toThrow("contains U+0");
    expect(() => textTlv("receipted_message_id", "Ł")).toThrow("contains U+141");
    expect(octetsTlv("callback_num", new Uint8Array(19)).value).toHaveLength(19);
    expect(() => octetsTlv("callback_num", new Uint8Array(20))).toThrow(RangeError);
    expect(() => octetsTlv("callback_num", new Uint8Array(3))).toThrow(RangeError);
  });

  it("are absent as undefined", () => {
    expect(findTlv([], 0x1400)).toBeUndefined();
    expect(readIntegerTlv([], "message_state")).toBeUndefined();
    expect(readTextTlv([], "receipted_message_id")).toBeUndefined();
    expect(readOctetsTlv([], "message_payload")).toBeUndefined();
  });
});

describe("the content of a message", () => {
  const payload: Tlv = octetsTlv("message_payload", hex("aabb"));

  it("stands in short_message or in message_payload, and not in both", () => {
    const shortMessage = hex("01");
    expect(messageContent({ shortMessage, tlvs: [] })).toEqual({ ok: true, bytes: shortMessage });
    expect(messageContent({ shortMessage: hex(""), tlvs: [payload] })).toEqual({
      ok: true,
      bytes: hex("aabb"),
    });
    expect(messageContent({ tlvs: [payload] })).toEqual({ ok: true, bytes: hex("aabb") });
    expect(messageContent({ tlvs: [] })).toEqual({ ok: true, bytes: hex("") });
    expect(messageContent({ shortMessage, tlvs: [payload] })).toEqual({ ok: false, reason: "both-present" });
  });
});
