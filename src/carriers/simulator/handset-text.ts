import type { Failure } from "../../domain/failure.ts";
import type { MessageOptions } from "../../domain/message.ts";
import { dataCodingOf } from "../../gsm/data-coding.ts";
import { DEFAULT_TEXT_PROFILE, type TextProfile } from "../../gsm/text-profile.ts";
import { ESM_CLASS } from "../../smpp/pdu/esm-class.ts";
import { deliverSm } from "../../smpp/pdu/pdu-defaults.ts";
import type { DeliverSmBody } from "../../smpp/pdu/pdu.ts";
import { integerTlv } from "../../smpp/pdu/tlv-values.ts";
import { NO_TLVS, type Tlv } from "../../smpp/pdu/tlv.ts";
import { type MessagePart, PartWriter } from "../smpp/message-parts.ts";
import { smppAddress } from "../smpp/numbering.ts";
import type { SendingSettings } from "../smpp/smpp-settings.ts";
import type { Behaviours } from "./behaviours.ts";

/** What somebody types on a handset. */
export interface TypedMessage {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** `data`, `udh` and `encoding` as in a request to send. */
  readonly options?: MessageOptions;
}

/** The deliver_sm that bring a handset's message, in the order in which they are sent; throws when it cannot be written. */
export function deliverBodies(
  message: TypedMessage,
  behaviours: Behaviours,
  reference: number,
): readonly DeliverSmBody[] {
  const { text, options = {} } = message;
  const writer = new PartWriter(profileOf(behaviours), CONCATENATION[behaviours.moParts]);
  const written = writer.write({ text, options }, () => reference);
  if (!written.ok) throw new RangeError(sentenceOf(written.failure));
  const { parts, encoding } = written;
  const dataCoding = dataCodingOf(encoding, options.flash === true) ?? 0;
  const bodies = parts.map((part, index) =>
    deliverSm({
      source: smppAddress(message.from, AUTO, ADDRESSES),
      destination: smppAddress(message.to, AUTO, ADDRESSES),
      esmClass: part.hasUdh ? ESM_CLASS.feature_udhi : 0,
      dataCoding,
      shortMessage: part.octets,
      tlvs: tlvsOf(part, index, parts.length, behaviours, reference),
    }),
  );
  return arranged(bodies, behaviours);
}

const AUTO = { ton: null, npi: null };
const ADDRESSES = { keepsPlus: false, senderCharset: "ascii" } as const;

const CONCATENATION: Readonly<Record<Behaviours["moParts"], SendingSettings["concatenation"]>> = {
  udh8: "udh",
  udh16: "udh",
  "udh-and-sar": "udh",
  sar: "sar",
  payload: "payload",
  bare: "sar",
};

const MAX_PARTS = 255;

function profileOf({ alphabet, packing, moParts }: Behaviours): TextProfile {
  const referenceBits = moParts === "udh16" ? 16 : 8;
  return { ...DEFAULT_TEXT_PROFILE, alphabet, packing, referenceBits, maxParts: MAX_PARTS };
}

function tlvsOf(
  part: MessagePart,
  index: number,
  total: number,
  { moParts }: Behaviours,
  reference: number,
): readonly Tlv[] {
  if (moParts === "bare") return NO_TLVS;
  if (moParts !== "udh-and-sar" || total === 1) return part.tlvs;
  return [
    integerTlv("sar_msg_ref_num", reference),
    integerTlv("sar_total_segments", total),
    integerTlv("sar_segment_seqnum", index + 1),
  ];
}

/** Parts may get lost, come several times, or come in another order. */
function arranged(
  bodies: readonly DeliverSmBody[],
  { moLostPart, moCopies, moOrder }: Behaviours,
): readonly DeliverSmBody[] {
  const isLong = bodies.length > 1;
  const left = bodies.filter((_, index) => !isLong || index + 1 !== moLostPart);
  const copied = left.flatMap((body) => Array.from<DeliverSmBody>({ length: moCopies }).fill(body));
  return moOrder === "reversed" ? copied.toReversed() : copied;
}

function sentenceOf({ message }: Failure): string {
  return `a handset cannot write this: ${message}`;
}
