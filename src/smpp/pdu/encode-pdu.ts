import { encodeBind, encodeBindResp, encodeOutbind } from "./bind-pdus.ts";
import { ByteWriter } from "./byte-writer.ts";
import { COMMAND_ID } from "./command-id.ts";
import { encodeAlertNotification, encodeDataSm } from "./data-pdus.ts";
import { HEADER_BYTES, MAX_PDU_BYTES } from "./field-limits.ts";
import {
  encodeCancelSm,
  encodeQuerySm,
  encodeQuerySmResp,
  encodeReplaceSm,
} from "./message-operation-pdus.ts";
import { PduFieldError } from "./pdu-field-error.ts";
import type { Pdu, PduBody } from "./pdu.ts";
import { encodeMessageIdResp, encodeShortMessagePdu } from "./short-message-pdus.ts";
import { encodeSubmitMulti, encodeSubmitMultiResp } from "./submit-multi-pdus.ts";

/** The bytes of one PDU; throws `PduFieldError` when a field does not fit. */
export function encodePdu(pdu: Pdu): Uint8Array {
  const writer = new ByteWriter();
  writePdu(writer, pdu, pdu.sequence, pdu.commandStatus);
  return writer.take();
}

/**
 * Adds one PDU to `writer`, its header included. When a field does not fit it throws `PduFieldError`, and the writer holds what it
 * held before.
 */
export function writePdu(writer: ByteWriter, body: PduBody, sequence: number, commandStatus = 0): void {
  const start = writer.length;
  try {
    writer.uint32(HEADER_BYTES, "command_length");
    writer.uint32(body.command === "unknown" ? body.commandId : COMMAND_ID[body.command], "commandId");
    writer.uint32(commandStatus, "commandStatus");
    writer.uint32(sequence, "sequence");
    writeBody(writer, body, commandStatus);
    const length = writer.length - start;
    if (length > MAX_PDU_BYTES) throw new PduFieldError("pdu", `has ${length} bytes, ${MAX_PDU_BYTES} fit`);
    writer.patchUint32(start, length);
  } catch (error) {
    writer.truncate(start);
    throw error;
  }
}

function writeBody(writer: ByteWriter, body: PduBody, commandStatus: number): void {
  switch (body.command) {
    case "submit_sm":
    case "deliver_sm":
      return encodeShortMessagePdu(writer, body);
    case "submit_sm_resp":
    case "deliver_sm_resp":
    case "data_sm_resp":
      return encodeMessageIdResp(writer, body, commandStatus);
    case "enquire_link":
    case "enquire_link_resp":
    case "unbind":
    case "unbind_resp":
    case "generic_nack":
    case "cancel_sm_resp":
    case "replace_sm_resp":
      return writer.tlvs(body.tlvs);
    case "data_sm":
      return encodeDataSm(writer, body);
    case "submit_multi":
      return encodeSubmitMulti(writer, body);
    case "submit_multi_resp":
      return encodeSubmitMultiResp(writer, body, commandStatus);
    case "bind_receiver":
    case "bind_transmitter":
    case "bind_transceiver":
      return encodeBind(writer, body);
    case "bind_receiver_resp":
    case "bind_transmitter_resp":
    case "bind_transceiver_resp":
      return encodeBindResp(writer, body, commandStatus);
    case "outbind":
      return encodeOutbind(writer, body);
    case "query_sm":
      return encodeQuerySm(writer, body);
    case "query_sm_resp":
      return encodeQuerySmResp(writer, body, commandStatus);
    case "cancel_sm":
      return encodeCancelSm(writer, body);
    case "replace_sm":
      return encodeReplaceSm(writer, body);
    case "alert_notification":
      return encodeAlertNotification(writer, body);
    case "unknown":
      return writer.octets(body.body);
    default:
      return assertNever(body);
  }
}

function assertNever(body: never): never {
  throw new TypeError(`no encoding for ${JSON.stringify(body)}`);
}
