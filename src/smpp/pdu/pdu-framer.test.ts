import { describe, expect, it } from "vitest";
import type { DecodeResult } from "./decode-pdu.ts";
import { encodePdu } from "./encode-pdu.ts";
import { hex } from "./golden-pdus.fixture.ts";
import { PduFramer } from "./pdu-framer.ts";
import { submitSm } from "./pdu-defaults.ts";
import { octetsTlv } from "./tlv-values.ts";

const ENQUIRE_LINK = "00000010 00000015 00000000 00000001";

function take(framer: PduFramer): readonly DecodeResult[] {
  const results: DecodeResult[] = [];
  for (let result = framer.next(); result !== undefined; result = framer.next()) results.push(result);
  return results;
}

describe("framing", () => {
  it.each(["00000000", "00000004", "0000000f", "00010011", "7fffffff", "ffffffff"])(
    "gives up at a command_length of 0x%s, with nothing after it",
    (length) => {
      for (const bytes of [`${length}00000015`, `${ENQUIRE_LINK}${length}`]) {
        const framer = new PduFramer();
        framer.push(hex(bytes));
        const last = take(framer).at(-1);
        expect(last).toMatchObject({ ok: false, error: { kind: "fatal", commandStatus: 2, sequence: 0 } });
        framer.push(hex(ENQUIRE_LINK));
        expect(take(framer)).toEqual([]);
        expect(framer.bufferedBytes).toBe(0);
      }
    },
  );

  it("gives up at a bad command_length that comes byte by byte", () => {
    const framer = new PduFramer();
    for (const byte of hex("0000000f")) framer.push(Uint8Array.of(byte));
    expect(take(framer)).toMatchObject([{ ok: false, error: { kind: "fatal" } }]);
    expect(take(framer)).toEqual([]);
  });

  it("takes a PDU of exactly 64 KiB and a header, in many chunks", () => {
    const empty = encodePdu({
      ...submitSm({ tlvs: [{ tag: 1, value: hex("") }] }),
      commandStatus: 0,
      sequence: 1,
    });
    const payload = new Uint8Array(64 * 1024 + 16 - empty.length).fill(7);
    const tlvs = [octetsTlv("message_payload", payload)];
    const bytes = encodePdu({ ...submitSm({ tlvs }), commandStatus: 0, sequence: 1 });
    expect(bytes).toHaveLength(65_552);
    const framer = new PduFramer();
    for (let at = 0; at < bytes.length; at += 1_000) framer.push(bytes.subarray(at, at + 1_000));
    expect(take(framer)).toMatchObject([{ ok: true, pdu: { tlvs } }]);
  });

  it("holds only what came, however much was announced", () => {
    const framer = new PduFramer();
    framer.push(hex("00010010 00000004"));
    expect(take(framer)).toEqual([]);
    expect(framer.bufferedBytes).toBe(8);
  });

  it("goes on after an unknown command and after a broken body", () => {
    const framer = new PduFramer();
    framer.push(hex(`00000014 00000111 00000000 00000002 01020304 ${ENQUIRE_LINK}`));
    framer.push(hex(`00000011 00000004 00000000 00000003 61 ${ENQUIRE_LINK}`));
    expect(take(framer)).toMatchObject([
      { ok: true, pdu: { command: "unknown", commandId: 0x111, sequence: 2, body: hex("01020304") } },
      { ok: true, pdu: { command: "enquire_link" } },
      { ok: false, error: { kind: "recoverable", commandId: 4, sequence: 3 } },
      { ok: true, pdu: { command: "enquire_link" } },
    ]);
  });

  it("keeps chunks pushed before the last was taken, in order", () => {
    const framer = new PduFramer();
    framer.push(hex(ENQUIRE_LINK + ENQUIRE_LINK));
    expect(framer.next()).toMatchObject({ ok: true });
    framer.push(hex(ENQUIRE_LINK));
    expect(framer.bufferedBytes).toBe(32);
    expect(take(framer)).toHaveLength(2);
  });

  it("gives plain views, also of a Buffer's chunk", () => {
    const framer = new PduFramer();
    const shortMessage = hex("616263");
    const bytes = encodePdu({ ...submitSm({ shortMessage }), commandStatus: 0, sequence: 1 });
    framer.push(Buffer.from(bytes));
    const [result] = take(framer);
    expect(result).toStrictEqual({
      ok: true,
      pdu: { ...submitSm({ shortMessage }), commandStatus: 0, sequence: 1 },
      flaws: [],
    });
  });
});
