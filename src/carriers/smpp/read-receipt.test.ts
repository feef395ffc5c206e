import { describe, expect, it } from "vitest";

import type { CarrierId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import { MESSAGE_STATE } from "../../smpp/pdu/message-state.ts";
import { dataSm, deliverSm } from "../../smpp/pdu/pdu-defaults.ts";
import { TLV_TABLE } from "../../smpp/pdu/tlv-table.ts";
import { integerTlv, octetsTlv, textTlv } from "../../smpp/pdu/tlv-values.ts";
import type { Tlv } from "../../smpp/pdu/tlv.ts";
import type { DeliveredPdu } from "./delivered-pdu.ts";
import { isReceipt, readReceipt } from "./read-receipt.ts";
import type { ReceivingSettings } from "./smpp-settings.ts";

const SETTINGS: ReceivingSettings = {
  profile: { alphabet: "gsm7", packing: "unpacked" },
  receiptId: "auto",
  receiptZoneMinutes: 0,
  receiptNumber: "source",
  sniffsReceipts: false,
};
const CARRIER = "0190a000-0000-7000-8000-000000000001" as CarrierId;
const AT = micros(1_770_000_000_000_000);

describe("isReceipt", () => {
  it.each([
    [0x04, true],
    [0x44, true],
    [0x08, true],
    [0x20, true],
    [0x03 | 0x04, true],
    [0x00, false],
    [0x40, false],
    [0x10, false],
    [0x18, false],
  ])("reads the type bits of esm_class 0x%s", (esmClass, expected) => {
    expect(isReceipt(receipt("id:1 stat:DELIVRD", { esmClass }), SETTINGS)).toBe(expected);
  });

  it("looks at the text only where the operator asked for it", () => {
    const pdu = receipt("id:1 stat:DELIVRD", { esmClass: 0 });
    expect(isReceipt(pdu, { ...SETTINGS, sniffsReceipts: true })).toBe(true);
    expect(isReceipt(receipt("hello", { esmClass: 0 }), { ...SETTINGS, sniffsReceipts: true })).toBe(false);
  });
});

describe("isReceipt, where esm_class says nothing", () => {
  const id = textTlv("receipted_message_id", "1");
  const state = integerTlv("message_state", MESSAGE_STATE.DELIVERED);

  it("believes the parameters that only a receipt has", () => {
    expect(isReceipt(receipt("", { esmClass: 0, tlvs: [id, state] }), SETTINGS)).toBe(true);
    expect(isReceipt(receipt("hello", { esmClass: 0x40, tlvs: [state, id] }), SETTINGS)).toBe(true);
  });

  it("believes none of them alone", () => {
    for (const tlvs of [[id], [state], [state, textTlv("receipted_message_id", "")]])
      expect(isReceipt(receipt("id:1 stat:DELIVRD", { esmClass: 0, tlvs }), SETTINGS)).toBe(false);
  });

  it("believes what esm_class says of another kind of message", () => {
    expect(isReceipt(receipt("", { esmClass: 0x10, tlvs: [id, state] }), SETTINGS)).toBe(false);
  });
});

describe("readReceipt", () => {
  it("reads id, state, destination and words of a text", () => {
    const pdu = receipt("id:A1 submit date:2603141509 done date:2603141510 stat:DELIVRD err:000 text:secret");
    expect(read(pdu)).toMatchObject({
      carrierId: CARRIER,
      keys: ["a1", "161"],
      destination: "31611111111",
      state: "delivered",
      failure: null,
      at: AT,
      words: "id:A1 stat:DELIVRD err:000 done:2026-03-14T15:10:00Z",
    });
  });

  it.each([
    ["DELIVRD", "delivered", undefined],
    ["delivrd", "delivered", undefined],
    ["DELIVERED", "delivered", undefined],
    ["EXPIRED", "expired", "expired"],
    ["DELETED", "failed", "blocked_by_carrier"],
    ["UNDELIV", "failed", "unreachable"],
    ["FAILED", "failed", "unreachable"],
    ["DELIVERY_FAILURE", "failed", "unreachable"],
    ["REJECTD", "failed", "blocked_by_carrier"],
    ["ACCEPTD", "accepted", undefined],
    ["ACKED", "accepted", undefined],
    ["ENROUTE", "enroute", undefined],
    ["BUFFRED", "enroute", undefined],
    ["BUFFERD", "enroute", undefined],
    ["UNKNOWN", "unknown", undefined],
    ["WHATEVR", "unknown", undefined],
  ])("takes stat:%s for %s", (stat, state, code) => {
    const result = read(receipt(`id:1 stat:${stat} err:042`));
    expect(result?.state).toBe(state);
    expect(result?.failure?.code).toBe(code);
    expect(result?.failure?.carrierCode).toBe(code === undefined ? undefined : "042");
  });

  it.each([
    [MESSAGE_STATE.SCHEDULED, "enroute"],
    [MESSAGE_STATE.ENROUTE, "enroute"],
    [MESSAGE_STATE.DELIVERED, "delivered"],
    [MESSAGE_STATE.SKIPPED, "failed"],
    [42, "unknown"],
  ])("takes message_state %i for %s", (number, state) => {
    const tlvs = [textTlv("receipted_message_id", "1"), integerTlv("message_state", number)];
    expect(read(receipt("", { tlvs }))?.state).toBe(state);
  });

  it("reads a receipt that is parameters alone, in a data_sm too", () => {
    const tlvs = [
      textTlv("receipted_message_id", "38601fa"),
      integerTlv("message_state", MESSAGE_STATE.UNDELIVERABLE),
      octetsTlv("network_error_code", Uint8Array.of(3, 0, 1)),
    ];
    const pdu: DeliveredPdu = {
      ...dataSm({ esmClass: 0x04, source: { ton: 1, npi: 1, address: "+31 6-111" }, tlvs }),
      commandStatus: 0,
      sequence: 1,
    };
    expect(read(pdu)).toMatchObject({
      keys: ["38601fa", "59113978"],
      destination: "316111",
      state: "failed",
      failure: { code: "invalid_destination", carrierCode: "1" },
    });
  });

  it("takes the state from the text when the parameters hold only the id", () => {
    const tlvs = [textTlv("receipted_message_id", "38601fa")];
    const result = read(receipt("id:0059113978 stat:EXPIRED err:000", { tlvs }));
    expect(result).toMatchObject({ keys: ["38601fa", "59113978", "1494301048"], state: "expired" });
  });

  it("reads an id whose NUL is missing in its parameter", () => {
    const tlvs = [{ tag: 0x001e, value: Uint8Array.from("AB1", (character) => character.charCodeAt(0)) }];
    expect(read(receipt("", { tlvs }))?.keys[0]).toBe("ab1");
  });

  it("believes network_error_code of a GSM network and no other", () => {
    expect(failureCodeIn(3)).toBe("blocked_by_carrier");
    expect(failureCodeIn(1)).toBe("unreachable");
  });

  it("reads an id with an underscore as ASCII, which in GSM would be another character", () => {
    expect(read(receipt("id:a_b stat:DELIVRD"))?.keys).toEqual(["a_b"]);
  });

  it("reads a UCS-2 receipt", () => {
    const text = "id:1 stat:DELIVRD";
    const octets = Uint8Array.from(ascii(text).reduce<number[]>((all, octet) => [...all, 0, octet], []));
    expect(read(deliver({ esmClass: 0x04, dataCoding: 8, shortMessage: octets }))?.state).toBe("delivered");
  });

  it("reads a receipt in ASCII that claims to be UCS-2", () => {
    const shortMessage = ascii("id:1 stat:DELIVRD");
    const read8 = read(
      deliver({ esmClass: 0x04, dataCoding: 8, shortMessage: Uint8Array.from(shortMessage) }),
    );
    expect(read8).toMatchObject({ keys: expect.arrayContaining(["1"]), state: "delivered" });
  });

  it("reads behind a header, and where esm_class 0x44 announces one that is not there", () => {
    const withHeader = Uint8Array.of(5, 0, 3, 9, 1, 1, ...ascii("id:1 stat:DELIVRD"));
    expect(read(deliver({ esmClass: 0x44, shortMessage: withHeader }))?.keys).toContain("1");
    expect(read(receipt("id:1 stat:DELIVRD", { esmClass: 0x44 }))?.keys).toContain("1");
  });

  it("reads short_message when message_payload is filled as well", () => {
    const tlvs = [octetsTlv("message_payload", ascii("id:2 stat:EXPIRED"))];
    expect(read(receipt("id:1 stat:DELIVRD", { tlvs }))?.state).toBe("delivered");
  });

  it.each([
    ["source", "31611111111"],
    ["destination", "31622222222"],
    ["any", ""],
  ] as const)("with receipt_number=%s is of the handset %j", (receiptNumber, number) => {
    const destination = { ton: 1, npi: 1, address: "+31622222222" };
    const pdu = deliver({ esmClass: 0x04, shortMessage: ascii("id:1 stat:DELIVRD"), destination });
    expect(readReceipt(pdu, { ...SETTINGS, receiptNumber }, CARRIER, AT)?.destination).toBe(number);
  });

  it("does not take the digits of a sender's name for a handset", () => {
    const source = { ton: 5, npi: 0, address: "INFO24" };
    const pdu = deliver({ esmClass: 0x04, shortMessage: ascii("id:1 stat:DELIVRD"), source });
    expect(read(pdu)?.destination).toBe("");
  });

  it("is nothing without an id", () => {
    expect(read(receipt("stat:DELIVRD"))).toBeNull();
  });

  it.each([
    ["same", "3E8", ["3e8"]],
    ["hex-dec", "1000", ["3e8"]],
    ["dec-hex", "3E8", ["1000"]],
    ["hex-dec", "0e999f21-aa", ["e999f21-aa"]],
  ] as const)("with receipt_id=%s looks for %s under %j alone", (receiptId, id, keys) => {
    const pdu = receipt(`id:${id} stat:DELIVRD`);
    expect(readReceipt(pdu, { ...SETTINGS, receiptId }, CARRIER, AT)?.keys).toEqual(keys);
  });

  it("takes no id that is longer than any response can have", () => {
    const longest = "x".repeat(255);
    expect(read(deliver({ esmClass: 0x04, tlvs: [named(longest)] }))?.keys).toEqual([longest]);
    expect(read(deliver({ esmClass: 0x04, tlvs: [named(`${longest}x`)] }))).toBeNull();
    expect(read(receipt("id:7 stat:DELIVRD", { tlvs: [named("x".repeat(60_000))] }))?.keys).toEqual(["7"]);
    expect(read(receipt(`id:${longest}x stat:DELIVRD`))).toBeNull();
  });

  it("shows dates by the zone of the carrier", () => {
    const pdu = receipt("id:1 done date:2603141510 stat:DELIVRD");
    const words = readReceipt(pdu, { ...SETTINGS, receiptZoneMinutes: 60 }, CARRIER, AT)?.words;
    expect(words).toContain("done:2026-03-14T14:10:00Z");
  });

  it("keeps its words to 300 characters", () => {
    expect(read(receipt(`id:${"9".repeat(200)} stat:${"X".repeat(200)}`))?.words).toHaveLength(300);
  });
});

function failureCodeIn(networkType: number) {
  const tlvs = [octetsTlv("network_error_code", Uint8Array.of(networkType, 0, 13))];
  return read(receipt("id:1 stat:UNDELIV err:013", { tlvs }))?.failure?.code;
}

/** An id without a NUL behind it, of any length. */
function named(id: string): Tlv {
  return { tag: TLV_TABLE.receipted_message_id.tag, value: ascii(id) };
}

function read(pdu: DeliveredPdu) {
  return readReceipt(pdu, SETTINGS, CARRIER, AT);
}

function receipt(text: string, given: { esmClass?: number; tlvs?: readonly Tlv[] } = {}): DeliveredPdu {
  return deliver({ esmClass: 0x04, ...given, shortMessage: ascii(text) });
}

function deliver(given: Parameters<typeof deliverSm>[0]): DeliveredPdu {
  const source = { ton: 1, npi: 1, address: "31611111111" };
  return { ...deliverSm({ source, ...given }), commandStatus: 0, sequence: 1 };
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
