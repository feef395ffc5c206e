import { describe, expect, it } from "vitest";
import { COMMAND_ID } from "./command-id.ts";
import { type DecodeResult, decodePdu } from "./decode-pdu.ts";
import { encodePdu } from "./encode-pdu.ts";
import { GOLDEN_PDUS, hex } from "./golden-pdus.fixture.ts";
import { PduFramer } from "./pdu-framer.ts";

const TRUNCATION_FLAWS: ReadonlySet<string> = new Set([
  "truncated-tlv",
  "stray-nul",
  "missing-body",
  "unterminated-string",
]);

function framed(...chunks: readonly Uint8Array[]): DecodeResult[] {
  const framer = new PduFramer();
  const results: DecodeResult[] = [];
  for (const chunk of chunks) {
    framer.push(chunk);
    for (let result = framer.next(); result !== undefined; result = framer.next()) results.push(result);
  }
  expect(framer.bufferedBytes).toBe(0);
  return results;
}

function cutTo(bytes: Uint8Array, length: number): Uint8Array {
  const cut = bytes.slice(0, length);
  new DataView(cut.buffer).setUint32(0, length);
  return cut;
}

/** What a cut-off PDU may not turn into: an error that ends the session, or a flaw that has nothing to do with the cut. */
function oddities(result: DecodeResult, sequence: number): readonly string[] {
  if (result.ok) return result.flaws.filter((flaw) => !TRUNCATION_FLAWS.has(flaw));
  const { error } = result;
  return error.kind === "recoverable" && error.sequence === sequence ? [] : [error.kind];
}

describe("golden PDUs", () => {
  it("cover every command of SMPP 3.4", () => {
    const covered = new Set(GOLDEN_PDUS.map(({ pdu }) => pdu.command));
    expect(Object.keys(COMMAND_ID).filter((command) => !covered.has(command as never))).toEqual([]);
  });

  describe.each(GOLDEN_PDUS)("$name", ({ hex: digits, pdu }) => {
    const bytes = hex(digits);

    it("decodes to its value without a flaw", () => {
      expect(decodePdu(bytes)).toEqual({ ok: true, pdu, flaws: [] });
    });

    it("encodes to its bytes", () => {
      expect(encodePdu(pdu)).toEqual(bytes);
    });

    it("survives every split into two chunks, and into single bytes", () => {
      const expected = [
        { ok: true, pdu, flaws: [] },
        { ok: true, pdu, flaws: [] },
      ];
      const twice = Uint8Array.from([...bytes, ...bytes]);
      for (let at = 0; at <= twice.length; at++)
        expect(framed(twice.subarray(0, at), twice.subarray(at))).toEqual(expected);
      expect(framed(...Array.from(twice, (byte) => Uint8Array.of(byte)))).toEqual(expected);
    });

    it("is never read past its end when cut off anywhere", () => {
      for (let length = 0; length < bytes.length; length++) {
        const rest = bytes.subarray(0, length);
        const unpatched = decodePdu(rest);
        expect(unpatched.ok ? "read" : unpatched.error.kind).toBe("fatal");
        if (length < 16) continue;
        // What follows in the same buffer must not be taken for a part of it.
        const frame = Uint8Array.from([...cutTo(bytes, length), ...bytes]);
        const [first, second] = framed(frame);
        expect(second).toEqual({ ok: true, pdu, flaws: [] });
        expect(first).toEqual(decodePdu(cutTo(bytes, length)));
        expect(first === undefined ? ["nothing"] : oddities(first, pdu.sequence)).toEqual([]);
      }
    });
  });
});
