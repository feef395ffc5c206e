import type { Failure } from "../../domain/failure.ts";
import type { Micros } from "../../domain/micros.ts";
import { MICROS_PER_MS } from "../../domain/micros.ts";
import type { OutboundTarget } from "../../domain/outbound-target.ts";
import { dataCodingOf } from "../../gsm/data-coding.ts";
import type { TextProfile } from "../../gsm/text-profile.ts";
import { ESM_CLASS } from "../../smpp/pdu/esm-class.ts";
import type { SmppAddress, SubmitSmBody } from "../../smpp/pdu/pdu.ts";
import { REGISTERED_DELIVERY } from "../../smpp/pdu/registered-delivery.ts";
import { formatAbsoluteTime, formatRelativeTime } from "../../smpp/pdu/smpp-time.ts";
import { integerTlv } from "../../smpp/pdu/tlv-values.ts";
import type { Tlv } from "../../smpp/pdu/tlv.ts";
import { type MessagePart, PartWriter } from "./message-parts.ts";
import { smppAddress } from "./numbering.ts";
import { ReferenceNumbers } from "./reference-numbers.ts";
import type { SendingSettings } from "./smpp-settings.ts";

/** The submit_sm of every part in order, or why this carrier cannot be given the message. */
export type SubmitBodies =
  | {
      readonly ok: true;
      readonly bodies: readonly SubmitSmBody[];
      /** What ties the parts together; null when nothing has to. */
      readonly reference: number | null;
      /** Parts that the receipt of the last body speaks for; 1 when each body has its own. */
      readonly partsPerReceipt: number;
    }
  | { readonly ok: false; readonly failure: Failure };

/** Turns targets into submit_sm as one carrier wants them. */
export class SubmitWriter {
  readonly #profile: TextProfile;
  readonly #sending: SendingSettings;
  readonly #parts: PartWriter;
  readonly #references = new ReferenceNumbers();
  #lastSource: { readonly target: string; readonly address: SmppAddress } | null = null;

  constructor(profile: TextProfile, sending: SendingSettings) {
    this.#profile = profile;
    this.#sending = sending;
    this.#parts = new PartWriter(profile, sending.concatenation);
  }

  write(target: OutboundTarget, now: Micros): SubmitBodies {
    if (target.type !== "sms") return { ok: false, failure: NO_MEDIA };
    const { options } = target;
    let reference: number | null = null;
    const written = this.#parts.write(target, () => {
      reference = this.#references.next(target.destination.target, target);
      return reference;
    });
    if (!written.ok) return written;
    const isFlash = options.flash === true;
    const flashCoding = dataCodingOf(written.encoding, isFlash, this.#profile.flashCoding);
    const base = {
      source: this.#source(target.source.target),
      destination: smppAddress(target.destination.target, this.#sending.destination, this.#sending),
      validityPeriod: validityOf(target.expiresAt, now, this.#sending.validity),
      // No data_coding says flash in Latin-1; then the parameter that names the display has to.
      dataCoding: flashCoding ?? dataCodingOf(written.encoding, false) ?? 0,
      tlvs: flashCoding === undefined ? [...this.#sending.tlvs, DISPLAY] : this.#sending.tlvs,
    };
    const count = written.parts.length;
    const bodies = written.parts.map((part, index) => this.#body(base, part, index === count - 1));
    const hasOneReceipt = this.#sending.receipts === "last" || written.partsOnHandset > count;
    return { ok: true, bodies, reference, partsPerReceipt: hasOneReceipt ? written.partsOnHandset : 1 };
  }

  /** A message of several parts was written and is not done: it may come again, and its parts must join up. */
  keepReference(target: OutboundTarget, reference: number): void {
    this.#references.keep(target, reference);
  }

  /** A message of several parts is done. */
  forgetReference(target: OutboundTarget): void {
    this.#references.forget(target);
  }

  #body(base: BodyBase, part: MessagePart, isLast: boolean): SubmitSmBody {
    const { source, destination, validityPeriod, dataCoding, tlvs } = base;
    const sending = this.#sending;
    return {
      command: "submit_sm",
      serviceType: sending.serviceType,
      source,
      destination,
      esmClass: part.hasUdh ? sending.esmMode | ESM_CLASS.feature_udhi : sending.esmMode,
      protocolId: sending.protocolId,
      priorityFlag: sending.priorityFlag,
      scheduleDeliveryTime: "",
      validityPeriod,
      registeredDelivery: registeredDelivery(sending.receipts, isLast),
      replaceIfPresent: 0,
      dataCoding,
      defaultMessageId: 0,
      shortMessage: part.octets,
      tlvs: joined(part.tlvs, tlvs),
    };
  }

  #source(target: string): SmppAddress {
    if (this.#lastSource?.target === target) return this.#lastSource.address;
    const address = smppAddress(target, this.#sending.source, this.#sending);
    this.#lastSource = { target, address };
    return address;
  }
}

type BodyBase = Pick<SubmitSmBody, "source" | "destination" | "validityPeriod" | "dataCoding" | "tlvs">;

const NO_MEDIA: Failure = {
  code: "media_type_unsupported",
  carrierCode: "",
  message: "This carrier takes text messages only.",
};

/** SMPP 3.4 §5.3.2.1: 1 is the display of the handset. */
const DISPLAY = integerTlv("dest_addr_subunit", 1);

function registeredDelivery(receipts: SendingSettings["receipts"], isLast: boolean): number {
  switch (receipts) {
    case "all":
      return REGISTERED_DELIVERY.receipt_on_success_or_failure;
    case "last":
      return isLast ? REGISTERED_DELIVERY.receipt_on_success_or_failure : REGISTERED_DELIVERY.no_receipt;
    case "none":
      return REGISTERED_DELIVERY.no_receipt;
    default:
      return receipts satisfies never;
  }
}

/** A relative period counts days up to 31 (SMPP 3.4 §7.1.1.2); the carrier's own limit is far below. */
const MAX_RELATIVE_MS = 31 * 86_400_000;

function validityOf(expiresAt: Micros, now: Micros, validity: SendingSettings["validity"]): string {
  if (validity === "none") return "";
  const leftMs = (expiresAt - now) / MICROS_PER_MS;
  if (validity === "absolute") return formatAbsoluteTime(expiresAt / MICROS_PER_MS);
  return formatRelativeTime(Math.min(Math.max(leftMs, 1_000), MAX_RELATIVE_MS));
}

function joined(first: readonly Tlv[], second: readonly Tlv[]): readonly Tlv[] {
  if (first.length === 0) return second;
  return second.length === 0 ? first : [...first, ...second];
}
