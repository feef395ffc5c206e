import { writeLatin1 } from "../../gsm/latin-1.ts";
import { MESSAGE_STATE, type MessageStateName } from "../../smpp/pdu/message-state.ts";
import type { DataSmBody, DeliverSmBody, SmppAddress } from "../../smpp/pdu/pdu.ts";
import { dataSm, deliverSm } from "../../smpp/pdu/pdu-defaults.ts";
import { integerTlv, octetsTlv, textTlv } from "../../smpp/pdu/tlv-values.ts";
import type { Tlv } from "../../smpp/pdu/tlv.ts";
import type { Behaviours } from "./behaviours.ts";
import type { MessageId } from "./message-ids.ts";

/** What a receipt is about. */
export interface ReceiptFacts {
  readonly id: MessageId;
  readonly state: MessageStateName;
  /** Other than the state's usual word. */
  readonly stat?: string;
  /** The GSM network's error; 0 for none. */
  readonly err: number;
  /** Sender and destination of the message that it is about. */
  readonly source: SmppAddress;
  readonly destination: SmppAddress;
  readonly submittedAtMs: number;
  readonly doneAtMs: number;
  /** The beginning of the message, as receipts quote it. */
  readonly text: string;
}

/** Writes a receipt in the dialect that is asked for. */
export function receiptBody(facts: ReceiptFacts, behaviours: Behaviours): DeliverSmBody | DataSmBody {
  const { source, destination } = facts;
  // A receipt comes from the handset.
  const numbers =
    behaviours.receiptNumbers === "turned"
      ? { source: destination, destination: source }
      : { source, destination };
  const base = { ...numbers, esmClass: behaviours.receiptEsmClass };
  const text = receiptText(facts, behaviours);
  const tlvs = receiptTlvs(facts, behaviours);
  const octets = new Uint8Array(text.length);
  writeLatin1(text, 0, text.length, octets);
  if (behaviours.receiptCommand === "deliver_sm") return deliverSm({ ...base, shortMessage: octets, tlvs });
  return dataSm({ ...base, tlvs: text === "" ? tlvs : [...tlvs, octetsTlv("message_payload", octets)] });
}

const STATS: Readonly<Record<MessageStateName, string>> = {
  SCHEDULED: "SCHEDLD",
  ENROUTE: "ENROUTE",
  DELIVERED: "DELIVRD",
  EXPIRED: "EXPIRED",
  DELETED: "DELETED",
  UNDELIVERABLE: "UNDELIV",
  ACCEPTED: "ACCEPTD",
  UNKNOWN: "UNKNOWN",
  REJECTED: "REJECTD",
  SKIPPED: "SKIPPED",
};

const QUOTED_CHARACTERS = 20;

function receiptText(facts: ReceiptFacts, behaviours: Behaviours): string {
  const { id, state, err, submittedAtMs, doneAtMs } = facts;
  const stat = facts.stat ?? STATS[state];
  const delivered = state === "DELIVERED" ? "001" : "000";
  const submit = dateOf(submittedAtMs, behaviours);
  const done = dateOf(doneAtMs, behaviours);
  const error = errOf(err, behaviours.receiptErr);
  const quote = facts.text.slice(0, QUOTED_CHARACTERS).replaceAll(/[^ -~]/g, "?");
  const head = `id:${id.receiptText} sub:001 dlvrd:${delivered} submit date:${submit} done date:${done} stat:${stat}`;
  switch (behaviours.receiptText) {
    case "standard":
      return `${head} err:${error} text:${quote}`;
    case "capital":
      return `${head} err:${error} Text:${quote}`;
    case "short":
      return `id:${id.receiptText} submit date:${submit} done date:${done} stat:${stat} err:${error} text:${quote}`;
    case "reordered":
      return `stat:${stat} err:${error} text:${quote} done date:${done} submit date:${submit} dlvrd:${delivered} sub:001 id:${id.receiptText}`;
    case "no-err":
      return head;
    case "quoting":
      return `${head} err:${error} text:id:999999 stat:REJECTD err:255`;
    case "spaced":
      return `id: ${id.receiptText} submit date: ${submit} done date: ${done} stat: ${stat} err: ${error}`;
    case "none":
      return "";
    default:
      return behaviours.receiptText satisfies never;
  }
}

function errOf(err: number, form: Behaviours["receiptErr"]): string {
  switch (form) {
    case "three":
      return String(err).padStart(3, "0");
    case "four":
      return String(err).padStart(4, "0");
    case "letters":
      return `${err}b`;
    default:
      return form satisfies never;
  }
}

const MS_PER_MINUTE = 60_000;

/** `YYMMDDhhmm`, with seconds for 12 digits, with the century as well for 14. */
function dateOf(wallMs: number, { receiptDates, receiptZoneMinutes }: Behaviours): string {
  const iso = new Date(wallMs + receiptZoneMinutes * MS_PER_MINUTE).toISOString();
  const minutes = `${iso.slice(2, 4)}${iso.slice(5, 7)}${iso.slice(8, 10)}${iso.slice(11, 13)}${iso.slice(14, 16)}`;
  if (receiptDates === "10") return minutes;
  const seconds = `${minutes}${iso.slice(17, 19)}`;
  return receiptDates === "12" ? seconds : `${iso.slice(0, 2)}${seconds}`;
}

/** SMPP 3.4 §5.3.2.31: 3 is a GSM network. */
const GSM_NETWORK = 3;

function receiptTlvs({ id, state, err }: ReceiptFacts, { receiptTlvs }: Behaviours): readonly Tlv[] {
  if (receiptTlvs === "none") return [];
  const named = textTlv("receipted_message_id", id.receiptTlv);
  if (receiptTlvs === "id") return [named];
  const tlvs = [named, integerTlv("message_state", MESSAGE_STATE[state])];
  if (err !== 0) tlvs.push(octetsTlv("network_error_code", Uint8Array.of(GSM_NETWORK, err >> 8, err & 0xff)));
  return tlvs;
}
