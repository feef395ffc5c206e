import type { ByteWriter } from "./byte-writer.ts";
import { COMMAND_STATUS } from "./command-status.ts";
import { FIELD_LIMITS, MAX_SHORT_MESSAGE_BYTES } from "./field-limits.ts";
import { PduFieldError } from "./pdu-field-error.ts";
import type { DeliverSm, DeliverSmBody, SubmitSm, SubmitSmBody } from "./pdu.ts";
import type { MessageIdRespBody, PduHeader } from "./pdu.ts";
import type { PduReader } from "./pdu-reader.ts";
import { readTlvs } from "./read-tlvs.ts";

/** SMPP 3.4 §4.4.1 and §4.6.1: the same fields in both. */
export function decodeShortMessagePdu(
  reader: PduReader,
  command: "submit_sm" | "deliver_sm",
): SubmitSm | DeliverSm {
  return {
    command,
    commandStatus: reader.commandStatus,
    sequence: reader.sequence,
    serviceType: reader.cOctetString(FIELD_LIMITS.serviceType),
    source: reader.address(FIELD_LIMITS.sourceAddress),
    destination: reader.address(FIELD_LIMITS.destinationAddress),
    esmClass: reader.uint8(),
    protocolId: reader.uint8(),
    priorityFlag: reader.uint8(),
    scheduleDeliveryTime: reader.cOctetString(FIELD_LIMITS.scheduleDeliveryTime),
    validityPeriod: reader.cOctetString(FIELD_LIMITS.validityPeriod),
    registeredDelivery: reader.uint8(),
    replaceIfPresent: reader.uint8(),
    dataCoding: reader.uint8(),
    defaultMessageId: reader.uint8(),
    shortMessage: readShortMessage(reader),
    tlvs: readTlvs(reader),
  };
}

export function encodeShortMessagePdu(writer: ByteWriter, body: SubmitSmBody | DeliverSmBody): void {
  writer.cOctetString(body.serviceType, FIELD_LIMITS.serviceType);
  writer.address(body.source, "source", FIELD_LIMITS.sourceAddress);
  writer.address(body.destination, "destination", FIELD_LIMITS.destinationAddress);
  writer.uint8(body.esmClass, "esmClass");
  writer.uint8(body.protocolId, "protocolId");
  writer.uint8(body.priorityFlag, "priorityFlag");
  writer.cOctetString(body.scheduleDeliveryTime, FIELD_LIMITS.scheduleDeliveryTime);
  writer.cOctetString(body.validityPeriod, FIELD_LIMITS.validityPeriod);
  writer.uint8(body.registeredDelivery, "registeredDelivery");
  writer.uint8(body.replaceIfPresent, "replaceIfPresent");
  writer.uint8(body.dataCoding, "dataCoding");
  writer.uint8(body.defaultMessageId, "defaultMessageId");
  writeShortMessage(writer, body.shortMessage);
  writer.tlvs(body.tlvs);
}

/** sm_length and short_message (§5.2.21, §5.2.22). */
export function readShortMessage(reader: PduReader): Uint8Array {
  const length = reader.uint8();
  if (length > reader.remaining)
    reader.fail(COMMAND_STATUS.ESME_RINVMSGLEN, `sm_length ${length}, but ${reader.remaining} bytes follow`);
  if (length > MAX_SHORT_MESSAGE_BYTES) reader.noteFlaw("long-short-message");
  return reader.octets(reader.failure === undefined ? length : 0);
}

export function writeShortMessage(writer: ByteWriter, shortMessage: Uint8Array): void {
  const { length } = shortMessage;
  if (length > MAX_SHORT_MESSAGE_BYTES)
    throw new PduFieldError("shortMessage", `has ${length} bytes, ${MAX_SHORT_MESSAGE_BYTES} fit`);
  writer.uint8(length, "shortMessage.length");
  writer.octets(shortMessage);
}

/** SMPP 3.4 §4.4.2, §4.6.2, §4.7.2: an error may come with a NUL, with an id or as a bare header. */
export function decodeMessageIdResp(
  reader: PduReader,
  command: MessageIdRespBody["command"],
): MessageIdRespBody & PduHeader {
  const { commandStatus, sequence } = reader;
  const messageId = reader.isBareResponse() ? "" : reader.lastCOctetString(FIELD_LIMITS.messageId);
  return { command, commandStatus, sequence, messageId, tlvs: readTlvs(reader) };
}

export function encodeMessageIdResp(
  writer: ByteWriter,
  body: MessageIdRespBody,
  commandStatus: number,
): void {
  if (commandStatus !== 0 && body.messageId === "" && body.tlvs.length === 0) return;
  writer.cOctetString(body.messageId, FIELD_LIMITS.messageId);
  writer.tlvs(body.tlvs);
}
