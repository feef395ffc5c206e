import type { Failure } from "../../domain/failure.ts";
import type { MessageOptions } from "../../domain/message.ts";
import type { OutboundTarget } from "../../domain/outbound-target.ts";
import { countSeptets, DEFAULT_ALPHABET, writeSeptets } from "../../gsm/alphabet.ts";
import { type BinaryRejection, segmentBinary } from "../../gsm/binary-segmentation.ts";
import type { Encoding } from "../../gsm/capacity.ts";
import { partBoundaries } from "../../gsm/part-boundary.ts";
import { segment } from "../../gsm/segmentation.ts";
import { writePart } from "../../gsm/text-body.ts";
import { cuttingOf, textElements, type TextLayout, type TextOptions } from "../../gsm/text-layout.ts";
import { planText, type TextRejection } from "../../gsm/text-plan.ts";
import type { TextProfile } from "../../gsm/text-profile.ts";
import { writeUcs2 } from "../../gsm/ucs-2.ts";
import { encodeUdh } from "../../gsm/udh-encoding.ts";
import { integerTlv, octetsTlv } from "../../smpp/pdu/tlv-values.ts";
import { NO_TLVS, type Tlv } from "../../smpp/pdu/tlv.ts";
import type { SendingSettings } from "./smpp-settings.ts";
import { bytesOfHex } from "./vendor-tlvs.ts";

/** What one submit_sm carries of a message. */
export interface MessagePart {
  /** For `short_message`; empty when everything is in a parameter. */
  readonly octets: Uint8Array;
  /** The octets begin with a user data header. */
  readonly hasUdh: boolean;
  readonly tlvs: readonly Tlv[];
}

/** A message in parts, or why this carrier cannot be given it. */
export type MessageParts =
  | {
      readonly ok: true;
      readonly encoding: Encoding;
      readonly parts: readonly MessagePart[];
      /** Parts on the handset: more than `parts` where the carrier does the cutting. */
      readonly partsOnHandset: number;
    }
  | { readonly ok: false; readonly failure: Failure };

/** What a part writer needs to know of a message. */
export type MessageContent = Pick<OutboundTarget, "text" | "options">;

/** Cuts texts and data into parts as one carrier wants them; a text that several targets in a row share is written once. */
export class PartWriter {
  readonly #profile: TextProfile;
  readonly #concatenation: SendingSettings["concatenation"];
  #last: { readonly text: string; readonly parts: MessageParts } | null = null;

  constructor(profile: TextProfile, concatenation: SendingSettings["concatenation"]) {
    this.#profile = profile;
    this.#concatenation = concatenation;
  }

  /** `reference` is asked for only when there are several parts that need one. */
  write(message: MessageContent, reference: () => number): MessageParts {
    const { text, options } = message;
    if (options.data !== undefined || options.encoding === "binary")
      return this.#writeData(options, reference);
    if (options.encoding !== undefined && options.encoding !== "auto")
      return this.#writeText(text, { encoding: options.encoding }, reference);
    if (this.#last?.text === text) return this.#last.parts;
    const parts = plainPart(text, this.#profile) ?? this.#writeText(text, {}, reference);
    if (parts.ok && parts.parts.length === 1) this.#last = { text, parts };
    return parts;
  }

  #writeData({ data = "", udh }: MessageOptions, reference: () => number): MessageParts {
    const octets = bytesOfHex(data);
    const header = udh === undefined || udh === "" ? undefined : bytesOfHex(udh);
    const isOnePart = octets.length + (header?.length ?? 0) <= MAX_SINGLE_OCTETS;
    const cut = segmentBinary(octets, header, this.#profile, isOnePart ? 0 : reference());
    if (!cut.ok) return { ok: false, failure: failureOf(cut) };
    return whole("binary8", cut.parts.map(inShortMessage));
  }

  #writeText(text: string, options: TextOptions, reference: () => number): MessageParts {
    const layout = planText(text, this.#profile, options);
    if (!layout.ok) return { ok: false, failure: failureOf(layout) };
    const { encoding, parts } = layout;
    if (parts === 1 || this.#concatenation === "udh") {
      const cut = segment(text, this.#profile, parts === 1 ? 0 : reference(), options);
      return cut.ok ? whole(encoding, cut.parts.map(inShortMessage)) : { ok: false, failure: failureOf(cut) };
    }
    return this.#concatenation === "sar"
      ? whole(encoding, withSarParameters(layout, this.#profile, options, reference()))
      : { ...whole(encoding, [inPayload(layout, this.#profile, options)]), partsOnHandset: parts };
  }
}

/** TS 23.040 §9.2.3.24: octets of one short message. */
const MAX_SINGLE_OCTETS = 140;
const MAX_SINGLE_SEPTETS = 160;
const MAX_SINGLE_UNITS = 70;
const NO_OCTETS = new Uint8Array(0);

/** The most common messages by the shortest way: one part in the default alphabet or in UCS-2; null for all others. */
function plainPart(text: string, profile: TextProfile): MessageParts | null {
  if (profile.alphabet !== "gsm7" || profile.packing === "packed") return null;
  const septets = countSeptets(text, DEFAULT_ALPHABET);
  if (septets > MAX_SINGLE_SEPTETS) return null;
  if (septets >= 0) {
    const octets = new Uint8Array(septets);
    writeSeptets(text, 0, text.length, DEFAULT_ALPHABET, octets);
    return whole("gsm7", [{ octets, hasUdh: false, tlvs: NO_TLVS }]);
  }
  if (text.length > MAX_SINGLE_UNITS || mayRewrite(profile)) return null;
  const octets = new Uint8Array(2 * text.length);
  writeUcs2(text, 0, text.length, octets);
  return whole("ucs2", [{ octets, hasUdh: false, tlvs: NO_TLVS }]);
}

function whole(encoding: Encoding, parts: readonly MessagePart[]): MessageParts & { readonly ok: true } {
  return { ok: true, encoding, parts, partsOnHandset: parts.length };
}

/** Whether a text outside the default alphabet may still go out in 7 bits. */
function mayRewrite({ lookAlikes, nationalLanguages }: TextProfile): boolean {
  return lookAlikes || nationalLanguages.locking.length > 0 || nationalLanguages.singleShift.length > 0;
}

function inShortMessage(part: {
  readonly octets: Uint8Array;
  readonly udh: Uint8Array | undefined;
}): MessagePart {
  return { octets: part.octets, hasUdh: part.udh !== undefined, tlvs: NO_TLVS };
}

/** SMPP 3.4 §5.3.2.22–24. Parts are cut as with headers, for the carrier will have to put these in. */
function withSarParameters(
  layout: TextLayout,
  profile: TextProfile,
  options: TextOptions,
  reference: number,
): MessagePart[] {
  const endOfPart = partBoundaries(layout.text, cuttingOf(layout, profile));
  const header = encodeUdh(textElements(layout.tables, options));
  const parts: MessagePart[] = [];
  for (let start = 0; start < layout.text.length;) {
    const end = endOfPart(start);
    const { octets, udh } = writePart(layout, profile, header, start, end);
    const tlvs = [
      integerTlv("sar_msg_ref_num", reference),
      integerTlv("sar_total_segments", layout.parts),
      integerTlv("sar_segment_seqnum", parts.length + 1),
    ];
    parts.push({ octets, hasUdh: udh !== undefined, tlvs });
    start = end;
  }
  return parts;
}

function inPayload(layout: TextLayout, profile: TextProfile, options: TextOptions): MessagePart {
  const header = encodeUdh(textElements(layout.tables, options));
  const { octets, udh } = writePart(layout, profile, header, 0, layout.text.length);
  return { octets: NO_OCTETS, hasUdh: udh !== undefined, tlvs: [octetsTlv("message_payload", octets)] };
}

function failureOf(rejection: TextRejection | BinaryRejection): Failure {
  return { code: "content_rejected", carrierCode: "", message: sentenceOf(rejection) };
}

function sentenceOf(rejection: TextRejection | BinaryRejection): string {
  switch (rejection.reason) {
    case "not-encodable":
      return `This carrier cannot be given the character at position ${rejection.index} in ${rejection.encoding}.`;
    case "too-many-parts":
      return `The message needs ${rejection.parts} parts; this carrier is given at most ${rejection.limit}.`;
    case "header-too-long":
      return `The user data header of ${rejection.headerOctets} octets leaves no room for the message.`;
    case "malformed-header":
    case "data-after-header":
      return "The user data header is malformed.";
    case "already-concatenated":
      return "The user data header already says which part this is, and the data needs several.";
    default:
      return rejection satisfies never;
  }
}
