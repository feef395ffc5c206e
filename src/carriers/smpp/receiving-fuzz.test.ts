import { describe, expect, it } from "vitest";

import type { CarrierId } from "../../domain/ids.ts";
import type { Micros } from "../../domain/micros.ts";
import { decodePdu } from "../../smpp/pdu/decode-pdu.ts";
import { encodePdu } from "../../smpp/pdu/encode-pdu.ts";
import { GOLDEN_PDUS, hex } from "../../smpp/pdu/golden-pdus.fixture.ts";
import { dataSm, deliverSm } from "../../smpp/pdu/pdu-defaults.ts";
import { mutate, seededRandom, type SeededRandom } from "../../smpp/pdu/seeded-random.fixture.ts";
import { TLV_TABLE } from "../../smpp/pdu/tlv-table.ts";
import type { Tlv } from "../../smpp/pdu/tlv.ts";
import type { DeliveredPdu } from "./delivered-pdu.ts";
import { readInbound } from "./read-inbound.ts";
import { isReceipt, readReceipt } from "./read-receipt.ts";
import type { ReceivingSettings } from "./smpp-settings.ts";

const RUNS = Number(process.env["MSGBIN_TEST_FUZZ_RUNS"] ?? 50_000);
const SEED = process.env["MSGBIN_TEST_FUZZ_SEED"];
const CORPUS = GOLDEN_PDUS.map((golden) => hex(golden.hex));
const CARRIER = "0190a000-0000-7000-8000-000000000001" as CarrierId;
const AT = 1_770_000_000_000_000 as Micros;

const SETTINGS: readonly ReceivingSettings[] = (["gsm7", "latin1", "ascii"] as const).flatMap((alphabet) =>
  (["unpacked", "packed"] as const).flatMap((packing) =>
    (["auto", "same", "hex-dec", "dec-hex"] as const).map((receiptId) => ({
      profile: { alphabet, packing },
      receiptId,
      receiptZoneMinutes: packing === "packed" ? -720 : 840,
      receiptNumber: packing === "packed" ? ("destination" as const) : ("source" as const),
      sniffsReceipts: receiptId === "auto",
    })),
  ),
);

describe("whatever a carrier delivers", () => {
  it(
    `is read without an exception, and into what a store has room for, in ${RUNS} runs`,
    () => {
      const random = seededRandom(SEED === undefined ? undefined : Number(SEED));
      console.log(`receiving fuzz: MSGBIN_TEST_FUZZ_SEED=${random.seed}`);
      const seen = { receipt: 0, text: 0, binary: 0, parts: 0, nothing: 0 };
      for (let run = 0; run < RUNS; run++) {
        const pdu = random.below(2) === 0 ? mutatedPdu(run, random) : madePdu(random);
        if (pdu === null) continue;
        const settings = SETTINGS[random.below(SETTINGS.length)];
        if (settings === undefined) throw new Error("no settings");
        const what = read(pdu, settings);
        seen[what]++;
      }
      // A run that never meets one of these says nothing of it.
      expect(Object.entries(seen).filter(([, times]) => times === 0)).toEqual([]);
    },
    60_000 + RUNS,
  );
});

function read(
  pdu: DeliveredPdu,
  settings: ReceivingSettings,
): "receipt" | "text" | "binary" | "parts" | "nothing" {
  if (isReceipt(pdu, settings)) {
    const receipt = readReceipt(pdu, settings, CARRIER, AT);
    if (receipt === null) return "nothing";
    const { keys, words } = receipt;
    if (keys.length === 0 || keys.some((key) => key.length > 255) || words.length > 300)
      throw new Error(JSON.stringify(receipt));
    return "receipt";
  }
  const part = readInbound(pdu, settings, CARRIER);
  if (part === null) return "nothing";
  if (part.udh.length > 280) throw new Error(`a header of ${part.udh.length} digits`);
  if (part.concatenation === null) return part.encoding === "binary" ? "binary" : "text";
  const { reference, total, sequence } = part.concatenation;
  if (reference > 0xffff || total > 255 || sequence < 1 || sequence > total)
    throw new Error(JSON.stringify(part.concatenation));
  return "parts";
}

/** A golden PDU with a few places changed; null when it is none that a carrier delivers, or none at all. */
function mutatedPdu(run: number, random: SeededRandom): DeliveredPdu | null {
  const golden = CORPUS[run % CORPUS.length] ?? new Uint8Array(0);
  const bytes = Uint8Array.from([...golden.subarray(0, 16), ...mutate(golden.subarray(16), random)]);
  new DataView(bytes.buffer).setUint32(0, bytes.length);
  const result = decodePdu(bytes);
  if (!result.ok) return null;
  const { pdu } = result;
  return pdu.command === "deliver_sm" || pdu.command === "data_sm" ? pdu : null;
}

/** A PDU that is well formed, and whose content is anything at all. */
function madePdu(random: SeededRandom): DeliveredPdu {
  const isPayload = random.below(4) === 0;
  const octets = content(random, isPayload ? 1_200 : 254);
  const tlvs = Array.from({ length: random.below(5) }, () => anyTlv(random));
  if (isPayload) tlvs.push({ tag: TLV_TABLE.message_payload.tag, value: octets });
  const base = {
    source: { ton: random.below(8), npi: random.below(16), address: latin1(anyOctets(random, 20)) },
    destination: { ton: random.below(8), npi: random.below(16), address: latin1(anyOctets(random, 20)) },
    esmClass: random.below(256),
    dataCoding: random.below(256),
    tlvs,
  };
  const body =
    isPayload && random.below(2) === 0
      ? dataSm(base)
      : deliverSm({ ...base, shortMessage: isPayload ? new Uint8Array(0) : octets });
  const result = decodePdu(encodePdu({ ...body, commandStatus: 0, sequence: 1 }));
  if (!result.ok || (result.pdu.command !== "deliver_sm" && result.pdu.command !== "data_sm"))
    throw new Error("a well formed PDU is not read");
  return result.pdu;
}

/** Anything, something under a header that makes sense, or something like a receipt. */
function content(random: SeededRandom, most: number): Uint8Array {
  switch (random.below(4)) {
    case 0:
      return anyOctets(random, most);
    case 1:
      return mutate(Buffer.from(RECEIPT, "latin1"), random).subarray(0, most);
    default: {
      const body = anyOctets(random, most);
      const elements = headerElements(random);
      return Uint8Array.from([elements.length, ...elements, ...body]).subarray(0, most);
    }
  }
}

const RECEIPT =
  "id:0123456789 sub:001 dlvrd:001 submit date:2602141509 done date:2602141510 stat:DELIVRD err:000 text:hello";
const ELEMENT_IDS = [0x00, 0x00, 0x04, 0x05, 0x08, 0x24, 0x25, 0x70];
const MAX_HEADER = 255;

/** Elements whose lengths add up, of any number and length that one octet can say. */
function headerElements(random: SeededRandom): readonly number[] {
  const elements: number[] = [];
  for (let count = random.below(5); count > 0; count--) {
    const id = ELEMENT_IDS[random.below(ELEMENT_IDS.length)] ?? 0;
    const data = anyOctets(random, random.below(3) === 0 ? 200 : 4);
    if (elements.length + 2 + data.length <= MAX_HEADER) elements.push(id, data.length, ...data);
  }
  return elements;
}

const TAGS = Object.values(TLV_TABLE).map(({ tag }) => tag);
const SAR_TAGS = [TLV_TABLE.sar_msg_ref_num, TLV_TABLE.sar_total_segments, TLV_TABLE.sar_segment_seqnum].map(
  ({ tag }) => tag,
);

function anyTlv(random: SeededRandom): Tlv {
  const tags = random.below(2) === 0 ? SAR_TAGS : TAGS;
  const value = anyOctets(random, random.below(20) === 0 ? 400 : 5);
  return { tag: tags[random.below(tags.length)] ?? 0, value };
}

function anyOctets(random: SeededRandom, most: number): Uint8Array {
  return Uint8Array.from({ length: random.below(most + 1) }, () => random.below(256));
}

/** Characters for a C-octet string, which has no NUL. */
function latin1(octets: Uint8Array): string {
  return Buffer.from(octets.filter((octet) => octet !== 0)).toString("latin1");
}
