import type { Failure, FailureCode } from "../../domain/failure.ts";
import type { ReceiptState } from "../../domain/receipt.ts";
import { messageStateName, type MessageStateName } from "../../smpp/pdu/message-state.ts";

/** Words that carriers write after `stat:`, as their first letters in upper case, and the state of the standard they mean. */
const WORDS: readonly (readonly [beginning: string, state: MessageStateName])[] = [
  ["DELIV", "DELIVERED"],
  ["EXPIR", "EXPIRED"],
  ["DELET", "DELETED"],
  ["UNDELIV", "UNDELIVERABLE"],
  ["ACCEPT", "ACCEPTED"],
  ["ACKED", "ACCEPTED"],
  ["UNKNOWN", "UNKNOWN"],
  ["REJECT", "REJECTED"],
  ["ENROUTE", "ENROUTE"],
  ["BUFF", "ENROUTE"],
  ["SCHED", "SCHEDULED"],
  ["SKIP", "SKIPPED"],
];

/** The standard's state that a word after `stat:` means; undefined for a word of the carrier's own. */
export function stateOfWord(word: string): MessageStateName | undefined {
  const upper = word.toUpperCase();
  // DELIVERY_FAILURE is none of the words for a delivery.
  if (upper.includes("FAIL")) return "UNDELIVERABLE";
  return WORDS.find(([beginning]) => upper.startsWith(beginning))?.[1];
}

/** The standard's state behind the number in a message_state parameter. */
export function stateOfNumber(number: number): MessageStateName | undefined {
  return messageStateName(number);
}

const RECEIPT_STATES: Readonly<Record<MessageStateName, ReceiptState>> = {
  SCHEDULED: "enroute",
  ENROUTE: "enroute",
  DELIVERED: "delivered",
  EXPIRED: "expired",
  DELETED: "failed",
  UNDELIVERABLE: "failed",
  ACCEPTED: "accepted",
  UNKNOWN: "unknown",
  REJECTED: "failed",
  SKIPPED: "failed",
};

/** What a state is to us; one that is neither in the standard nor among the known words says nothing. */
export function receiptStateOf(state: MessageStateName | undefined): ReceiptState {
  return state === undefined ? "unknown" : RECEIPT_STATES[state];
}

/** The error of a network: which kind of network, and its own number (SMPP 3.4 §5.3.2.31). */
export interface NetworkError {
  readonly networkType: number;
  readonly code: number;
}

const GSM_NETWORK = 3;

/**
 * Errors of a GSM network (3GPP TS 29.002, MAP user errors) that say more than "undeliverable". Only the parameter
 * network_error_code tells which network's numbers these are: the number after `err:` is each carrier's own.
 */
const GSM_ERRORS: Readonly<Record<number, { readonly code: FailureCode; readonly reason: string }>> = {
  1: { code: "invalid_destination", reason: "the number is not in use" },
  5: { code: "unreachable", reason: "the handset is not known where it should be" },
  6: { code: "unreachable", reason: "the subscriber is absent" },
  9: { code: "blocked_by_carrier", reason: "the subscriber is not allowed in this network" },
  11: { code: "blocked_by_carrier", reason: "the subscriber has no short message service" },
  12: { code: "unreachable", reason: "the handset is not known to the network" },
  13: { code: "blocked_by_carrier", reason: "messages to this number are barred" },
  21: { code: "unreachable", reason: "the handset cannot take it" },
  27: { code: "unreachable", reason: "the handset is switched off or out of reach" },
  31: { code: "unreachable", reason: "the handset is busy" },
  32: { code: "unreachable", reason: "the handset could not take it; its memory may be full" },
};

const FAILURES: Partial<Record<MessageStateName, { readonly code: FailureCode; readonly reason: string }>> = {
  EXPIRED: { code: "expired", reason: "it could not be delivered in time" },
  DELETED: { code: "blocked_by_carrier", reason: "the carrier deleted it" },
  UNDELIVERABLE: { code: "unreachable", reason: "it could not be delivered" },
  REJECTED: { code: "blocked_by_carrier", reason: "the carrier rejected it" },
  SKIPPED: { code: "blocked_by_carrier", reason: "the carrier skipped it" },
};

/** Why a message failed by its receipt, null when the state is no failure. `err` is the carrier's own code, as it wrote it. */
export function failureOf(
  state: MessageStateName | undefined,
  err: string | undefined,
  networkError: NetworkError | undefined,
): Failure | null {
  const general = state === undefined ? undefined : FAILURES[state];
  if (state === undefined || general === undefined) return null;
  const special =
    networkError?.networkType === GSM_NETWORK && state === "UNDELIVERABLE"
      ? GSM_ERRORS[networkError.code]
      : undefined;
  const { code, reason } = special ?? general;
  const carrierCode = err ?? (networkError === undefined ? "" : String(networkError.code));
  const mention = carrierCode === "" ? state : `${state}, error ${carrierCode}`;
  return { code, carrierCode, message: `The carrier reported that ${reason} (${mention}).` };
}
