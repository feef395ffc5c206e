import { decodeBind, decodeBindResp, decodeOutbind } from "./bind-pdus.ts";
import { COMMAND_ID } from "./command-id.ts";
import { COMMAND_STATUS } from "./command-status.ts";
import { decodeAlertNotification, decodeDataSm } from "./data-pdus.ts";
import { HEADER_BYTES, MAX_PDU_BYTES } from "./field-limits.ts";
import {
  decodeCancelSm,
  decodeQuerySm,
  decodeQuerySmResp,
  decodeReplaceSm,
} from "./message-operation-pdus.ts";
import type { PduFlaw } from "./pdu-flaw.ts";
import type { HeaderOnlyBody, Pdu } from "./pdu.ts";
import { PduReader } from "./pdu-reader.ts";
import { readTlvs } from "./read-tlvs.ts";
import { decodeMessageIdResp, decodeShortMessagePdu } from "./short-message-pdus.ts";
import { decodeSubmitMulti, decodeSubmitMultiResp } from "./submit-multi-pdus.ts";

/** Why bytes are no PDU. */
export interface PduError {
  /** `recoverable`: answer `commandStatus` and go on with the next PDU; `fatal`: the stream has lost its frames, close. */
  readonly kind: "recoverable" | "fatal";
  /** What to answer. */
  readonly commandStatus: number;
  /** The status that the broken PDU itself carried. */
  readonly receivedStatus: number;
  readonly commandId: number;
  readonly sequence: number;
  readonly message: string;
}

/** A PDU with the oddities that were tolerated in it, or why there is none. */
export type DecodeResult =
  | { readonly ok: true; readonly pdu: Pdu; readonly flaws: readonly PduFlaw[] }
  | { readonly ok: false; readonly error: PduError };

/** Reads the bytes of exactly one PDU. Octet fields are views into `bytes`. */
export function decodePdu(bytes: Uint8Array): DecodeResult {
  if (bytes.length < HEADER_BYTES) return lostFrame(`${bytes.length} bytes, fewer than a header`);
  const length = uint32At(bytes, 0);
  if (length !== bytes.length) return lostFrame(`command_length ${length} in ${bytes.length} bytes`);
  return decodePduAt(bytes, 0, length);
}

/** The error of a command_length that cannot be (§3.2): sequence number and command id are not believed, hence 0. */
export function checkCommandLength(length: number): DecodeResult | undefined {
  if (length < HEADER_BYTES) return lostFrame(`command_length ${length} is less than a header`);
  if (length > MAX_PDU_BYTES) return lostFrame(`command_length ${length} is over ${MAX_PDU_BYTES}`);
  return undefined;
}

/** Reads the PDU that fills `bytes` from `start` to `end`, at least a header long. */
export function decodePduAt(bytes: Uint8Array, start: number, end: number): DecodeResult {
  const commandId = uint32At(bytes, start + 4);
  const status = uint32At(bytes, start + 8);
  const sequence = uint32At(bytes, start + 12);
  const reader = new PduReader(bytes, start + HEADER_BYTES, end, status, sequence);
  const pdu = decodeBody(reader, commandId);
  const { failure } = reader;
  if (failure === undefined) return { ok: true, pdu, flaws: reader.flaws };
  const { commandStatus, message } = failure;
  return {
    ok: false,
    error: { kind: "recoverable", commandStatus, receivedStatus: status, commandId, sequence, message },
  };
}

function decodeBody(reader: PduReader, commandId: number): Pdu {
  switch (commandId) {
    case COMMAND_ID.submit_sm:
      return decodeShortMessagePdu(reader, "submit_sm");
    case COMMAND_ID.submit_sm_resp:
      return decodeMessageIdResp(reader, "submit_sm_resp");
    case COMMAND_ID.deliver_sm:
      return decodeShortMessagePdu(reader, "deliver_sm");
    case COMMAND_ID.deliver_sm_resp:
      return decodeMessageIdResp(reader, "deliver_sm_resp");
    case COMMAND_ID.enquire_link:
      return decodeHeaderOnly(reader, "enquire_link");
    case COMMAND_ID.enquire_link_resp:
      return decodeHeaderOnly(reader, "enquire_link_resp");
    case COMMAND_ID.data_sm:
      return decodeDataSm(reader);
    case COMMAND_ID.data_sm_resp:
      return decodeMessageIdResp(reader, "data_sm_resp");
    case COMMAND_ID.submit_multi:
      return decodeSubmitMulti(reader);
    case COMMAND_ID.submit_multi_resp:
      return decodeSubmitMultiResp(reader);
    case COMMAND_ID.bind_receiver:
      return decodeBind(reader, "bind_receiver");
    case COMMAND_ID.bind_transmitter:
      return decodeBind(reader, "bind_transmitter");
    case COMMAND_ID.bind_transceiver:
      return decodeBind(reader, "bind_transceiver");
    case COMMAND_ID.bind_receiver_resp:
      return decodeBindResp(reader, "bind_receiver_resp");
    case COMMAND_ID.bind_transmitter_resp:
      return decodeBindResp(reader, "bind_transmitter_resp");
    case COMMAND_ID.bind_transceiver_resp:
      return decodeBindResp(reader, "bind_transceiver_resp");
    case COMMAND_ID.outbind:
      return decodeOutbind(reader);
    case COMMAND_ID.unbind:
      return decodeHeaderOnly(reader, "unbind");
    case COMMAND_ID.unbind_resp:
      return decodeHeaderOnly(reader, "unbind_resp");
    case COMMAND_ID.generic_nack:
      return decodeHeaderOnly(reader, "generic_nack");
    case COMMAND_ID.query_sm:
      return decodeQuerySm(reader);
    case COMMAND_ID.query_sm_resp:
      return decodeQuerySmResp(reader);
    case COMMAND_ID.cancel_sm:
      return decodeCancelSm(reader);
    case COMMAND_ID.cancel_sm_resp:
      return decodeHeaderOnly(reader, "cancel_sm_resp");
    case COMMAND_ID.replace_sm:
      return decodeReplaceSm(reader);
    case COMMAND_ID.replace_sm_resp:
      return decodeHeaderOnly(reader, "replace_sm_resp");
    case COMMAND_ID.alert_notification:
      return decodeAlertNotification(reader);
    default:
      return decodeUnknown(reader, commandId);
  }
}

function decodeHeaderOnly(reader: PduReader, command: HeaderOnlyBody["command"]): Pdu {
  const { commandStatus, sequence } = reader;
  return { command, commandStatus, sequence, tlvs: readTlvs(reader) };
}

function decodeUnknown(reader: PduReader, commandId: number): Pdu {
  const { commandStatus, sequence } = reader;
  return { command: "unknown", commandStatus, sequence, commandId, body: reader.octets(reader.remaining) };
}

function lostFrame(message: string): DecodeResult {
  const commandStatus = COMMAND_STATUS.ESME_RINVCMDLEN;
  return {
    ok: false,
    error: { kind: "fatal", commandStatus, receivedStatus: 0, commandId: 0, sequence: 0, message },
  };
}

/** Four bytes, most significant first; the caller has made sure that they are there. */
export function uint32At(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  const low = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  return ((high << 16) | low) >>> 0;
}
