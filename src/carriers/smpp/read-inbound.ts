import type { CarrierId } from "../../domain/ids.ts";
import type { InboundPart } from "../../domain/inbound.ts";
import { PARTS_LIMIT, USER_DATA_OCTETS } from "../../gsm/capacity.ts";
import { readDataCoding } from "../../gsm/data-coding.ts";
import { concatenationOf, type UdhElement } from "../../gsm/udh.ts";
import { encodeUdh, udhLength } from "../../gsm/udh-encoding.ts";
import { decodeUserData } from "../../gsm/user-data-decoding.ts";
import { TON } from "../../smpp/pdu/address-codes.ts";
import { hasUdhi } from "../../smpp/pdu/esm-class.ts";
import { messageContent } from "../../smpp/pdu/message-content.ts";
import type { SmppAddress } from "../../smpp/pdu/pdu.ts";
import type { Tlv } from "../../smpp/pdu/tlv.ts";
import { readIntegerTlv } from "../../smpp/pdu/tlv-values.ts";
import type { MessagePdu } from "./delivered-pdu.ts";
import type { ReceivingSettings } from "./smpp-settings.ts";
import { hexOfBytes } from "./vendor-tlvs.ts";

/** Reads a handset's message, or one part of it; null when its text stands in two places (SMPP 3.4 §5.3.2.32). */
export function readInbound(
  pdu: MessagePdu,
  settings: Pick<ReceivingSettings, "profile">,
  carrierId: CarrierId,
): InboundPart | null {
  const content = messageContent(pdu);
  if (!content.ok) return null;
  const { source, destination, dataCoding, tlvs } = pdu;
  const decoded = decodeUserData(content.bytes, dataCoding, hasUdhi(pdu.esmClass), settings.profile);
  const base = {
    carrierId,
    source: numberOf(source),
    destination: destination.address,
    transportId: null,
  };
  if (!decoded.ok || udhLength(decoded.elements) > USER_DATA_OCTETS) {
    // The header makes no sense, or is longer than a short message can be: the octets are all there is.
    const data = hexOfBytes(content.bytes);
    return { ...base, encoding: "binary", text: "", data, udh: "", concatenation: readSar(tlvs) };
  }
  const { elements } = decoded;
  const isBinary = decoded.content.kind === "binary";
  return {
    ...base,
    encoding: isBinary ? "binary" : textEncoding(dataCoding, settings),
    text: decoded.content.kind === "text" ? decoded.content.text : "",
    data: decoded.content.kind === "binary" ? hexOfBytes(decoded.content.data) : "",
    udh: hexOfBytes(encodeUdh(elements.filter((element) => isForReceiver(element, isBinary)))),
    concatenation: readConcatenation(elements) ?? readSar(tlvs),
  };
}

/** With a plus when the carrier says that it is international, so that it compares with numbers as people write them. */
function numberOf({ ton, address }: SmppAddress): string {
  return ton === TON.international && /^\d+$/.test(address) ? `+${address}` : address;
}

function textEncoding(
  dataCoding: number,
  settings: Pick<ReceivingSettings, "profile">,
): "gsm7" | "latin1" | "ucs2" {
  const { coding } = readDataCoding(dataCoding);
  if (coding === "carrier-default") return settings.profile.alphabet === "gsm7" ? "gsm7" : "latin1";
  return coding === "ascii" || coding === "latin1" ? "latin1" : "ucs2";
}

/** Concatenation is told apart; national tables have done their work once the text is read. */
function isForReceiver(element: UdhElement, isBinary: boolean): boolean {
  if (element.kind === "concatenation") return false;
  return isBinary || (element.kind !== "national-single-shift" && element.kind !== "national-locking-shift");
}

function readConcatenation(elements: readonly UdhElement[]): InboundPart["concatenation"] {
  const element = concatenationOf(elements);
  if (element === undefined) return null;
  const { reference, total, sequence } = element;
  return { reference, total, sequence };
}

const MAX_SAR_REFERENCE = 0xffff;

/**
 * SMPP 3.4 §5.3.2.22–24: the same, said in parameters. All three must be there and make sense: a parameter may come in more octets
 * than the standard gives it, and hold a number that no column and no handset has room for.
 */
function readSar(tlvs: readonly Tlv[]): InboundPart["concatenation"] {
  const reference = readIntegerTlv(tlvs, "sar_msg_ref_num");
  const total = readIntegerTlv(tlvs, "sar_total_segments");
  const sequence = readIntegerTlv(tlvs, "sar_segment_seqnum");
  if (reference === undefined || total === undefined || sequence === undefined) return null;
  const isSensible = reference <= MAX_SAR_REFERENCE && total > 1 && total <= PARTS_LIMIT;
  return isSensible && sequence >= 1 && sequence <= total ? { reference, total, sequence } : null;
}
