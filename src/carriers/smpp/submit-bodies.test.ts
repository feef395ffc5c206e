import { describe, expect, it } from "vitest";

import type { MessageId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { OutboundTarget } from "../../domain/outbound-target.ts";
import { decodeUserData } from "../../gsm/user-data-decoding.ts";
import { hasUdhi } from "../../smpp/pdu/esm-class.ts";
import type { SubmitSmBody } from "../../smpp/pdu/pdu.ts";
import { readIntegerTlv, readOctetsTlv } from "../../smpp/pdu/tlv-values.ts";
import { parseCarrierUrl } from "../carrier-url.ts";
import { SubmitWriter } from "./submit-bodies.ts";
import { outboundTarget } from "./targets.fixture.ts";

const NOW = micros(1_770_000_000_000_000);
const LONG = "0123456789".repeat(20);

describe("SubmitWriter", () => {
  it("writes a short text with everything an operator did not set at 0 or empty", () => {
    expect(bodies({ text: "hello" })).toEqual([
      {
        command: "submit_sm",
        serviceType: "",
        source: { ton: 1, npi: 1, address: "821021656521" },
        destination: { ton: 1, npi: 1, address: "31616818985" },
        esmClass: 0,
        protocolId: 0,
        priorityFlag: 0,
        scheduleDeliveryTime: "",
        validityPeriod: "",
        registeredDelivery: 1,
        replaceIfPresent: 0,
        dataCoding: 0,
        defaultMessageId: 0,
        shortMessage: Uint8Array.from("hello", (character) => character.charCodeAt(0)),
        tlvs: [],
      },
    ]);
  });

  it("writes emoji as UCS-2, high octet first", () => {
    const [body] = bodies({ text: "😀" });
    expect(body).toMatchObject({ dataCoding: 8, shortMessage: Uint8Array.of(0xd8, 0x3d, 0xde, 0x00) });
  });

  it.each(["", "?packing=packed", "?alphabet=latin1", "?alphabet=ascii", "?reference=16", "?look_alikes=on"])(
    "writes 160 characters in one part and 161 in two with %j",
    (query) => {
      expect(bodies({ text: "x".repeat(160) }, query)).toHaveLength(1);
      expect(bodies({ text: "x".repeat(161) }, query)).toHaveLength(2);
    },
  );

  it("says with esm_class that parts begin with a header, and in each the same reference", () => {
    const parts = bodies({ text: LONG });
    expect(parts.map(({ esmClass }) => esmClass)).toEqual([0x40, 0x40]);
    const headers = parts.map(({ shortMessage }) => [...shortMessage.subarray(0, 6)]);
    const reference = headers[0]?.[3];
    expect(headers).toEqual([
      [5, 0, 3, reference, 2, 1],
      [5, 0, 3, reference, 2, 2],
    ]);
    expect(textOf(parts)).toBe(LONG);
  });

  it("counts the reference up for each message to a destination", () => {
    const writer = writerOf("");
    const references = ["a", "b"].map((id) => {
      const result = writer.write(outboundTarget({ text: LONG, messageId: id as MessageId }), NOW);
      return result.ok ? result.reference : null;
    });
    expect(references[1]).toBe(((references[0] ?? 0) + 1) & 0xffff);
  });

  it("gives a message that comes again the reference it had", () => {
    const writer = writerOf("");
    const target = outboundTarget({ text: LONG });
    const first = writer.write(target, NOW);
    if (!first.ok || first.reference === null) throw new Error("no reference");
    writer.keepReference(target, first.reference);
    writer.write(outboundTarget({ text: LONG, messageId: "b" as MessageId }), NOW);
    expect(writer.write(target, NOW)).toMatchObject({ reference: first.reference });
  });

  it("puts parts into sar parameters without a header", () => {
    const parts = bodies({ text: LONG }, "?concat=sar");
    expect(parts.map(({ esmClass }) => esmClass)).toEqual([0, 0]);
    expect(parts.map(({ tlvs }) => readIntegerTlv(tlvs, "sar_total_segments"))).toEqual([2, 2]);
    expect(parts.map(({ tlvs }) => readIntegerTlv(tlvs, "sar_segment_seqnum"))).toEqual([1, 2]);
    expect(new Set(parts.map(({ tlvs }) => readIntegerTlv(tlvs, "sar_msg_ref_num"))).size).toBe(1);
    expect(textOf(parts)).toBe(LONG);
  });

  it("packs the septets of sar parts from the first bit on", () => {
    const parts = bodies({ text: LONG }, "?concat=sar&packing=packed");
    expect(textOf(parts, "packed")).toBe(LONG);
  });

  it("puts a long text whole into message_payload, and a short one where it always goes", () => {
    const [body, ...others] = bodies({ text: LONG }, "?concat=payload");
    expect(others).toEqual([]);
    expect(body?.shortMessage).toHaveLength(0);
    expect(readOctetsTlv(body?.tlvs ?? [], "message_payload")).toHaveLength(LONG.length);
    expect(bodies({ text: "hello" }, "?concat=payload")[0]?.shortMessage).toHaveLength(5);
  });

  it("asks for receipts as set", () => {
    expect(receiptsAsked("")).toEqual([1, 1]);
    expect(receiptsAsked("?receipts=last")).toEqual([0, 1]);
    expect(receiptsAsked("?receipts=none")).toEqual([0, 0]);
    expect(receiptsAsked("?bind=tx")).toEqual([0, 0]);
  });

  it("passes on the operator's fields and parameters", () => {
    const [body] = bodies(
      {},
      "?service_type=CMT&priority=2&protocol_id=65&esm_mode=store-forward&tlvs=1400:0102&plus=keep&dest_ton=2&dest_npi=8",
    );
    expect(body).toMatchObject({
      serviceType: "CMT",
      priorityFlag: 2,
      protocolId: 65,
      esmClass: 3,
      destination: { ton: 2, npi: 8, address: "+31616818985" },
      tlvs: [{ tag: 0x1400, value: Uint8Array.of(1, 2) }],
    });
  });

  it("says the validity as asked: nothing, a date, a span of at most 31 days", () => {
    const expiresAt = micros(NOW + 90_000 * 1_000_000);
    const validity = (query: string, at = expiresAt) => bodies({ expiresAt: at }, query)[0]?.validityPeriod;
    expect(validity("")).toBe("");
    expect(validity("?validity=absolute")).toMatch(/^\d{13}00\+$/);
    expect(validity("?validity=relative")).toBe("000001010000000R");
    expect(validity("?validity=relative", micros(NOW + 90 * 86_400_000_000))).toBe("000031000000000R");
    expect(validity("?validity=relative", NOW)).toBe("000000000001000R");
  });

  it.each([
    ["auto", "hello", "", 0x10],
    ["auto", "hello", "?flash=message-class", 0xf0],
    ["auto", "😀", "", 0x18],
  ] as const)("writes flash in %s for %s%s", (encoding, text, query, dataCoding) => {
    expect(bodies({ text, options: { encoding, flash: true } }, query)[0]?.dataCoding).toBe(dataCoding);
  });

  it("writes flash in Latin-1 with the parameter that names the display", () => {
    const [body] = bodies({ text: "é", options: { encoding: "latin1", flash: true } });
    expect(body?.dataCoding).toBe(3);
    expect(readIntegerTlv(body?.tlvs ?? [], "dest_addr_subunit")).toBe(1);
  });

  it("writes binary data under the header that came with it", () => {
    const [body] = bodies({ text: "", options: { data: "cafe", udh: "0401020304" } });
    expect(body).toMatchObject({
      dataCoding: 4,
      esmClass: 0x40,
      shortMessage: Uint8Array.of(4, 1, 2, 3, 4, 0xca, 0xfe),
    });
    expect(bodies({ text: "", options: { data: "ab".repeat(141) } })).toHaveLength(2);
  });

  it("writes a text that several targets share only once", () => {
    const writer = writerOf("");
    const [first, second] = ["+31611111111", "+31622222222"].map((to) => {
      const result = writer.write(outboundTarget({ to }), NOW);
      return result.ok ? result.bodies[0] : undefined;
    });
    expect(second?.shortMessage).toBe(first?.shortMessage);
    expect(second?.destination.address).toBe("31622222222");
  });

  it.each([
    [{ text: "x".repeat(1_531) }, "content_rejected", /needs 11 parts; this carrier is given at most 10/],
    [{ text: "ж", options: { encoding: "gsm7" } }, "content_rejected", /character at position 0 in gsm7/],
    [{ text: "", options: { data: "00", udh: "ff00" } }, "content_rejected", /header is malformed/],
    [{ type: "mms" }, "media_type_unsupported", /text messages only/],
  ] as const)("refuses what it cannot write: %j", (given, code, message) => {
    const result = writerOf("").write(outboundTarget(given), NOW);
    if (result.ok) throw new Error("was written");
    expect(result.failure.code).toBe(code);
    expect(result.failure.message).toMatch(message);
  });
});

function writerOf(query: string): SubmitWriter {
  const parse = parseCarrierUrl(`smpp://id:secret@127.0.0.1${query}`);
  if (!parse.ok) throw new Error(parse.reason);
  return new SubmitWriter(parse.config.profile, parse.config.sending);
}

function bodies(given: Partial<OutboundTarget>, query = ""): readonly SubmitSmBody[] {
  const { destination: _destination, ...rest } = given;
  const result = writerOf(query).write(outboundTarget(rest), NOW);
  if (!result.ok) throw new Error(result.failure.message);
  return result.bodies;
}

function receiptsAsked(query: string): readonly number[] {
  return bodies({ text: LONG }, query).map((body) => body.registeredDelivery);
}

function textOf(parts: readonly SubmitSmBody[], packing: "packed" | "unpacked" = "unpacked"): string {
  return parts
    .map(({ shortMessage, dataCoding, esmClass }) => {
      const profile = { alphabet: "gsm7", packing } as const;
      const decoded = decodeUserData(shortMessage, dataCoding, hasUdhi(esmClass), profile);
      return decoded.ok && decoded.content.kind === "text" ? decoded.content.text : "?";
    })
    .join("");
}
