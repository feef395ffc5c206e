import { describe, expect, it } from "vitest";
import { type DecodeResult, decodePdu } from "./decode-pdu.ts";
import { encodePdu } from "./encode-pdu.ts";
import { GOLDEN_PDUS, hex } from "./golden-pdus.fixture.ts";
import { PduFieldError } from "./pdu-field-error.ts";
import { PduFramer } from "./pdu-framer.ts";
import { mutate, seededRandom } from "./seeded-random.fixture.ts";

const RUNS = Number(process.env["MSGBIN_TEST_FUZZ_RUNS"] ?? 50_000);
const SEED = process.env["MSGBIN_TEST_FUZZ_SEED"];
const CORPUS = GOLDEN_PDUS.map((golden) => hex(golden.hex));

/** Takes everything; more results than the bytes can hold would be a hang. */
function takeAll(framer: PduFramer, pushedBytes: number): readonly DecodeResult[] {
  const results: DecodeResult[] = [];
  for (let result = framer.next(); result !== undefined; result = framer.next()) {
    results.push(result);
    if (results.length > pushedBytes / 16 + 2) throw new Error("the framer does not stop");
  }
  return results;
}

/** Whatever was read can be written, and is then read again as the same value; 255 bytes are read but not written. */
function rewritten(result: DecodeResult): DecodeResult | "unwritable" {
  if (!result.ok) return result;
  try {
    return decodePdu(encodePdu(result.pdu));
  } catch (error) {
    if (error instanceof PduFieldError && result.flaws.includes("long-short-message")) return "unwritable";
    throw error;
  }
}

function isFaithful(result: DecodeResult): boolean {
  const again = rewritten(result);
  if (!result.ok || again === "unwritable") return true;
  return again.ok && JSON.stringify(again.pdu) === JSON.stringify(result.pdu);
}

describe("mutated PDUs", () => {
  it(
    `neither crash nor hang the codec, nor make it hold more than came, in ${RUNS} runs`,
    () => {
      const random = seededRandom(SEED === undefined ? undefined : Number(SEED));
      console.log(`codec fuzz: MSGBIN_TEST_FUZZ_SEED=${random.seed}`);
      let framer = new PduFramer();
      let heldBytes = 0;
      let read = 0;
      let broken = 0;
      for (let run = 0; run < RUNS; run++) {
        const bytes = mutate(CORPUS[run % CORPUS.length] ?? new Uint8Array(0), random);
        const cut = random.below(bytes.length + 1);
        framer.push(bytes.subarray(0, cut));
        const results = [...takeAll(framer, heldBytes + cut)];
        framer.push(bytes.subarray(cut));
        results.push(...takeAll(framer, heldBytes + bytes.length));
        heldBytes = framer.bufferedBytes;
        if (heldBytes > 65_552) throw new Error(`run ${run} holds ${heldBytes} bytes`);
        for (const result of results) {
          if (!isFaithful(result))
            throw new Error(`run ${run} is not written as it was read: ${JSON.stringify(result)}`);
          if (result.ok) read++;
          else broken++;
        }
        // A stream that lost its frames is closed; so is one that waits for a large PDU, or nothing would be tried for long.
        if (results.some((result) => !result.ok && result.error.kind === "fatal") || heldBytes > 0) {
          framer = new PduFramer();
          heldBytes = 0;
        }
      }
      expect(read).toBeGreaterThan(0);
      expect(broken).toBeGreaterThan(0);
    },
    60_000 + RUNS,
  );

  it(
    "are decoded alone without an exception when only their body is mutated",
    () => {
      const random = seededRandom(SEED === undefined ? undefined : Number(SEED));
      console.log(`body fuzz: MSGBIN_TEST_FUZZ_SEED=${random.seed}`);
      let readable = 0;
      for (let run = 0; run < RUNS; run++) {
        const golden = CORPUS[run % CORPUS.length] ?? new Uint8Array(0);
        const bytes = Uint8Array.from([...golden.subarray(0, 16), ...mutate(golden.subarray(16), random)]);
        new DataView(bytes.buffer).setUint32(0, bytes.length);
        const result = decodePdu(bytes);
        if (!isFaithful(result))
          throw new Error(`run ${run} is not written as it was read: ${JSON.stringify(result)}`);
        if (result.ok) readable++;
      }
      expect(readable).toBeGreaterThan(RUNS / 10);
    },
    60_000 + RUNS,
  );
});
