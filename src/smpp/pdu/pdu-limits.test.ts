import { describe, expect, it } from "vitest";
import { ByteWriter } from "./byte-writer.ts";
import { COMMAND_STATUS, commandStatusName } from "./command-status.ts";
import { type DecodeResult, decodePdu } from "./decode-pdu.ts";
import { encodePdu, writePdu } from "./encode-pdu.ts";
import { hex } from "./golden-pdus.fixture.ts";
import { dataSm, submitSm } from "./pdu-defaults.ts";
import { PduFieldError } from "./pdu-field-error.ts";
import type { BindTransceiverBody, MessageIdRespBody, PduBody, SubmitMultiBody } from "./pdu.ts";
import { octetsTlv } from "./tlv-values.ts";
import { NO_TLVS } from "./tlv.ts";

const BIND: BindTransceiverBody = {
  command: "bind_transceiver",
  systemId: "",
  password: "",
  systemType: "",
  interfaceVersion: 0x34,
  addressTon: 0,
  addressNpi: 0,
  addressRange: "",
  tlvs: NO_TLVS,
};
const { destination: _, ...SINGLE } = submitSm({});
const MULTI: SubmitMultiBody = { ...SINGLE, command: "submit_multi", destinations: [] };
const RESPONSE: MessageIdRespBody = { command: "submit_sm_resp", messageId: "", tlvs: NO_TLVS };

function encode(body: PduBody): Uint8Array {
  return encodePdu({ ...body, commandStatus: 0, sequence: 7 });
}

function roundTrip(body: PduBody): DecodeResult {
  return decodePdu(encode(body));
}

/** Puts another byte into the first run of `marker` in the encoding of `body`. */
function decodeWith(body: PduBody, marker: string, replacement: string): DecodeResult {
  const digits = [...encode(body)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const bytes = hex(digits.replace(marker, replacement));
  new DataView(bytes.buffer).setUint32(0, bytes.length);
  return decodePdu(bytes);
}

function address(length: number) {
  return { ton: 1, npi: 1, address: "4".repeat(length) };
}

describe("lengths of fields", () => {
  const fits: readonly (readonly [string, PduBody, string, PduBody])[] = [
    [
      "service type 5",
      submitSm({ serviceType: "a".repeat(5) }),
      "serviceType",
      submitSm({ serviceType: "a".repeat(6) }),
    ],
    ["source 20", submitSm({ source: address(20) }), "source.address", submitSm({ source: address(21) })],
    [
      "destination 20",
      submitSm({ destination: address(20) }),
      "destination.address",
      submitSm({ destination: address(21) }),
    ],
    ["data_sm source 64", dataSm({ source: address(64) }), "source.address", dataSm({ source: address(65) })],
    [
      "time 16",
      submitSm({ validityPeriod: "0".repeat(16) }),
      "validityPeriod",
      submitSm({ validityPeriod: "0".repeat(17) }),
    ],
    [
      "short message 254",
      submitSm({ shortMessage: new Uint8Array(254) }),
      "shortMessage",
      submitSm({ shortMessage: new Uint8Array(255) }),
    ],
    [
      "system id 15",
      { ...BIND, systemId: "i".repeat(15) },
      "systemId",
      { ...BIND, systemId: "i".repeat(64) },
    ],
    ["password 8", { ...BIND, password: "p".repeat(8) }, "password", { ...BIND, password: "p".repeat(64) }],
    [
      "254 destinations",
      {
        ...MULTI,
        destinations: Array.from({ length: 254 }, () => ({ kind: "address", address: address(1) })),
      },
      "destinations",
      {
        ...MULTI,
        destinations: Array.from({ length: 255 }, () => ({ kind: "address", address: address(1) })),
      },
    ],
    [
      "1 destination",
      { ...MULTI, destinations: [{ kind: "distribution-list", name: "l".repeat(20) }] },
      "destinations",
      MULTI,
    ],
  ];

  it.each(fits)("%s fits and one past its limit does not", (_name, atLimit, field, pastLimit) => {
    expect(roundTrip(atLimit)).toEqual({
      ok: true,
      pdu: { ...atLimit, commandStatus: 0, sequence: 7 },
      flaws: [],
    });
    expect(() => encode(pastLimit)).toThrow(PduFieldError);
    expect(() => encode(pastLimit)).toThrow(expect.objectContaining({ field }));
  });

  it("beyond the standard are tolerated where carriers hand out longer credentials, and noted", () => {
    const body = {
      ...BIND,
      systemId: "i".repeat(63),
      password: "p".repeat(63),
      addressRange: "4".repeat(127),
    };
    expect(roundTrip(body)).toMatchObject({ ok: true, pdu: body, flaws: ["long-field"] });
    const response = { ...RESPONSE, messageId: "f".repeat(255) };
    expect(roundTrip(response)).toMatchObject({ ok: true, pdu: response, flaws: ["long-field"] });
    expect(() => encode({ ...RESPONSE, messageId: "f".repeat(256) })).toThrow(
      "messageId has 256 characters, 255 fit",
    );
  });

  it("beyond what is tolerated give the error that names the field", () => {
    const long = "34".repeat(30);
    const body = submitSm({ source: address(3), destination: { ton: 2, npi: 1, address: "777" } });
    expect(decodeWith(body, "343434", long)).toMatchObject({
      ok: false,
      error: {
        kind: "recoverable",
        commandStatus: COMMAND_STATUS.ESME_RINVSRCADR,
        commandId: 4,
        sequence: 7,
      },
    });
    expect(decodeWith(body, "373737", long)).toMatchObject({
      error: { commandStatus: COMMAND_STATUS.ESME_RINVDSTADR },
    });
    expect(decodeWith({ ...RESPONSE, messageId: "777" }, "373737", "37".repeat(256))).toMatchObject({
      error: { commandStatus: COMMAND_STATUS.ESME_RINVMSGID },
    });
  });

  it("of a short message may be 255 for a reader, as SMPP 5.0 has it", () => {
    const body = submitSm({ shortMessage: hex("616161") });
    expect(decodeWith(body, "03616161", `ff${"61".repeat(255)}`)).toMatchObject({
      ok: true,
      pdu: { shortMessage: hex("61".repeat(255)) },
      flaws: ["long-short-message"],
    });
  });

  it("of a short message past the end are ESME_RINVMSGLEN", () => {
    expect(decodeWith(submitSm({ shortMessage: hex("616161") }), "03616161", "04616161")).toMatchObject({
      ok: false,
      error: { kind: "recoverable", commandStatus: COMMAND_STATUS.ESME_RINVMSGLEN },
    });
  });
});

describe("values of fields", () => {
  it("that would shift the fields after them are not written", () => {
    expect(() => encode(submitSm({ source: { ton: 5, npi: 0, address: "a\0b" } }))).toThrow(
      "source.address contains a NUL",
    );
    expect(() => encode(submitSm({ source: { ton: 5, npi: 0, address: "aŁ" } }))).toThrow("contains U+141");
    for (const esmClass of [256, -1, 1.5, Number.NaN])
      expect(() => encode(submitSm({ esmClass }))).toThrow("esmClass is not a byte");
  });

  it("of a submit_multi that cannot be are refused by name", () => {
    const body: PduBody = { ...MULTI, destinations: [{ kind: "distribution-list", name: "777" }] };
    expect(decodeWith(body, "0102373737", "0103373737")).toMatchObject({
      error: { commandStatus: COMMAND_STATUS.ESME_RINVDESTFLAG },
    });
    expect(decodeWith(body, "0102373737", "0002373737")).toMatchObject({
      error: { commandStatus: COMMAND_STATUS.ESME_RINVNUMDESTS },
    });
  });

  it("keep every sequence number that four bytes can hold", () => {
    for (const sequence of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff])
      expect(
        decodePdu(encodePdu({ command: "enquire_link", tlvs: [], commandStatus: 0, sequence })),
      ).toMatchObject({
        pdu: { sequence },
      });
  });
});

describe("a response", () => {
  it("without its body is read, and noted when it says ESME_ROK", () => {
    expect(decodePdu(hex("00000010 80000004 00000000 00000001"))).toMatchObject({
      pdu: { messageId: "" },
      flaws: ["missing-body"],
    });
    expect(decodePdu(hex("00000010 80000009 00000000 00000001"))).toMatchObject({
      pdu: { systemId: "", tlvs: [] },
      flaws: ["missing-body"],
    });
    expect(decodePdu(hex("00000010 80000003 00000067 00000001"))).toMatchObject({
      pdu: { messageId: "", messageState: 0 },
      flaws: [],
    });
  });

  it("with an error may carry a NUL for its message id", () => {
    expect(decodePdu(hex("00000011 80000004 00000058 00000001 00"))).toMatchObject({
      pdu: { commandStatus: 0x58, messageId: "" },
      flaws: [],
    });
  });

  it("whose message id lacks its NUL keeps the whole id", () => {
    expect(decodePdu(hex("00000013 80000004 00000000 00000001 616263"))).toMatchObject({
      pdu: { messageId: "abc" },
      flaws: ["unterminated-string"],
    });
  });
});

describe("a PDU that does not fit", () => {
  it("leaves the writer as it was", () => {
    const writer = new ByteWriter();
    writePdu(writer, submitSm({}), 1);
    const before = writer.length;
    expect(() => writePdu(writer, submitSm({ source: address(21) }), 2)).toThrow(PduFieldError);
    expect(writer.length).toBe(before);
    expect(decodePdu(writer.take())).toMatchObject({ ok: true, pdu: { sequence: 1 } });
  });

  it("is one longer than 64 KiB and a header", () => {
    const empty = encode(submitSm({ tlvs: [octetsTlv("message_payload", new Uint8Array(0))] })).length;
    const room = 64 * 1024 + 16 - empty;
    const atLimit = encode(submitSm({ tlvs: [octetsTlv("message_payload", new Uint8Array(room))] }));
    expect(decodePdu(atLimit).ok).toBe(true);
    expect(() =>
      encode(submitSm({ tlvs: [octetsTlv("message_payload", new Uint8Array(room + 1))] })),
    ).toThrow("pdu has 65553 bytes, 65552 fit");
    expect(() => encode(submitSm({ tlvs: [{ tag: 0x1400, value: new Uint8Array(65_536) }] }))).toThrow(
      "tlvs.length",
    );
  });
});

describe("a shared writer", () => {
  it("hands over what it holds and begins anew", () => {
    const writer = new ByteWriter();
    writePdu(writer, { command: "enquire_link", tlvs: NO_TLVS }, 1);
    const first = writer.take();
    writePdu(writer, { command: "enquire_link", tlvs: NO_TLVS }, 2);
    expect(decodePdu(first)).toMatchObject({ pdu: { sequence: 1 } });
    expect(decodePdu(writer.take())).toMatchObject({ pdu: { sequence: 2 } });
    expect(writer.take()).toHaveLength(0);
  });
});

describe("names of error codes", () => {
  it("are the standard's, and hex for the others", () => {
    expect(commandStatusName(0x58)).toBe("ESME_RTHROTTLED");
    expect(commandStatusName(0x40a)).toBe("0x0000040a");
  });
});
