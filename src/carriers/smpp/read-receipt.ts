import type { CarrierId } from "../../domain/ids.ts";
import type { Micros } from "../../domain/micros.ts";
import type { Receipt } from "../../domain/receipt.ts";
import { canonicalKey, decimalToHex, hexToDecimal, receiptKeys } from "../../domain/receipt-key.ts";
import { readDataCoding } from "../../gsm/data-coding.ts";
import { decodeUcs2 } from "../../gsm/ucs-2.ts";
import { deliveredType, hasUdhi } from "../../smpp/pdu/esm-class.ts";
import { FIELD_LIMITS } from "../../smpp/pdu/field-limits.ts";
import { messageContent } from "../../smpp/pdu/message-content.ts";
import { readIntegerTlv, readNetworkErrorCode, readTextTlv } from "../../smpp/pdu/tlv-values.ts";
import type { DeliveredPdu } from "./delivered-pdu.ts";
import { failureOf, receiptStateOf, stateOfNumber, stateOfWord } from "./receipt-state.ts";
import { parseReceiptDate, parseReceiptText, readsLikeReceipt, type ReceiptText } from "./receipt-text.ts";
import type { ReceivingSettings } from "./smpp-settings.ts";

/**
 * Whether a deliver_sm or data_sm is a receipt: by its esm_class, by what only a receipt has, or by its text where the carrier's
 * settings ask for that.
 */
export function isReceipt(pdu: DeliveredPdu, settings: ReceivingSettings): boolean {
  switch (deliveredType(pdu.esmClass)) {
    case "delivery-receipt":
    case "delivery-acknowledgement":
    case "intermediate-notification":
      return true;
    case "user-acknowledgement":
    case "conversation-abort":
      return false;
    case "message":
    default:
      return hasReceiptTlvs(pdu) || (settings.sniffsReceipts && readsLikeReceipt(textOf(pdu)));
  }
}

/** SMPP 3.4 §4.6.1: both are of receipts alone; from a handset comes neither. */
function hasReceiptTlvs({ tlvs }: DeliveredPdu): boolean {
  if (readIntegerTlv(tlvs, "message_state") === undefined) return false;
  return (readTextTlv(tlvs, "receipted_message_id") ?? "") !== "";
}

/** Reads a receipt in any dialect; null when it names no message, so that nothing can be done with it. */
export function readReceipt(
  pdu: DeliveredPdu,
  settings: ReceivingSettings,
  carrierId: CarrierId,
  at: Micros,
): Receipt | null {
  const { tlvs } = pdu;
  const text = parseReceiptText(textOf(pdu));
  const tlvId = readTextTlv(tlvs, "receipted_message_id");
  const keys = keysOf(possibleId(text.id), possibleId(tlvId), settings.receiptId);
  if (keys.length === 0) return null;
  const stateNumber = readIntegerTlv(tlvs, "message_state");
  const state =
    (stateNumber === undefined ? undefined : stateOfNumber(stateNumber)) ??
    (text.stat === undefined ? undefined : stateOfWord(text.stat));
  const networkError = readNetworkErrorCode(tlvs);
  return {
    carrierId,
    keys,
    destination: handsetOf(pdu, settings),
    state: receiptStateOf(state),
    failure: failureOf(state, text.err, networkError),
    at,
    words: wordsOf(text, stateNumber, networkError, settings.receiptZoneMinutes, keys),
  };
}

/** Digits of the handset's number; nothing where that is not known. */
function handsetOf(pdu: DeliveredPdu, { receiptNumber }: ReceivingSettings): string {
  if (receiptNumber === "any") return "";
  const { address } = pdu[receiptNumber];
  // A name is no handset: some carriers put our sender there.
  return LETTER.test(address) ? "" : address.replaceAll(/\D/g, "");
}

const LETTER = /[a-z]/i;

/** No response has a longer id, so that such a one names no message; and no index has room for 64 kB. */
function possibleId(id: string | undefined): string | undefined {
  return id !== undefined && id.length < FIELD_LIMITS.messageId.acceptedBytes ? id : undefined;
}

/** The keys to look for, given what the operator knows of the carrier's bases. */
function keysOf(
  textId: string | undefined,
  tlvId: string | undefined,
  receiptId: ReceivingSettings["receiptId"],
): readonly string[] {
  if (receiptId === "auto") return receiptKeys(textId, tlvId);
  const ids = [tlvId, textId].filter((id) => id !== undefined).filter((id) => id !== "");
  const same = ids.map(canonicalKey);
  if (receiptId === "same") return unique(same);
  // hex-dec: the response was in hexadecimal and is stored so, the receipt comes in decimal.
  const convert = receiptId === "hex-dec" ? decimalToHex : hexToDecimal;
  return unique(same.map((key) => convert(key) ?? key));
}

function unique(keys: readonly string[]): readonly string[] {
  return keys.length < 2 ? keys : [...new Set(keys)];
}

/**
 * The text of a receipt. It is made by the message centre, not typed on a handset, and so it is ASCII whatever data_coding
 * claims: read as GSM, an underscore in an id would come out as another character. UCS-2 is believed unless the text is a
 * receipt in ASCII only: some leave the data_coding of the message that the receipt is of.
 */
function textOf(pdu: DeliveredPdu): string {
  const content = messageContent(pdu);
  // Some fill both places; what stands in short_message is the receipt as it always was.
  const bytes = content.ok ? content.bytes : "shortMessage" in pdu ? pdu.shortMessage : NO_BYTES;
  const text = latin1(bytes);
  if (readDataCoding(pdu.dataCoding).coding === "ucs2" && !readsLikeReceipt(text)) return decodeUcs2(bytes);
  // esm_class 0x44 announces a header that is mostly not there.
  const hasHeader = hasUdhi(pdu.esmClass) && !readsLikeReceipt(text);
  return hasHeader ? latin1(bytes.subarray((bytes[0] ?? 0) + 1)) : text;
}

/** A view, not a copy; this is 20 times faster than joining characters, and receipts come by the thousand. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

const NO_BYTES = new Uint8Array(0);

const MAX_WORDS = 300;

/** The receipt in the carrier's own words, without the quotation of the message that some put behind `text:`. */
function wordsOf(
  text: ReceiptText,
  stateNumber: number | undefined,
  networkError: { readonly networkType: number; readonly code: number } | undefined,
  zoneMinutes: number,
  keys: readonly string[],
): string {
  const words = [`id:${text.id ?? keys[0]}`];
  if (text.stat !== undefined) words.push(`stat:${text.stat}`);
  if (text.err !== undefined) words.push(`err:${text.err}`);
  const doneMs = text.doneDate === undefined ? null : parseReceiptDate(text.doneDate, zoneMinutes);
  if (doneMs !== null) words.push(`done:${new Date(doneMs).toISOString().slice(0, 19)}Z`);
  if (stateNumber !== undefined) words.push(`message_state:${stateOfNumber(stateNumber) ?? stateNumber}`);
  if (networkError !== undefined)
    words.push(`network_error_code:${networkError.networkType}/${networkError.code}`);
  return words.join(" ").slice(0, MAX_WORDS);
}
