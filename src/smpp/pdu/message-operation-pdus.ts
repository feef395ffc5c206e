import type { ByteWriter } from "./byte-writer.ts";
import { FIELD_LIMITS } from "./field-limits.ts";
import type { CancelSmBody, PduHeader, QuerySmBody, QuerySmRespBody, ReplaceSmBody } from "./pdu.ts";
import type { PduReader } from "./pdu-reader.ts";
import { readTlvs } from "./read-tlvs.ts";
import { readShortMessage, writeShortMessage } from "./short-message-pdus.ts";

/** SMPP 3.4 §4.8.1. */
export function decodeQuerySm(reader: PduReader): QuerySmBody & PduHeader {
  return {
    command: "query_sm",
    commandStatus: reader.commandStatus,
    sequence: reader.sequence,
    messageId: reader.cOctetString(FIELD_LIMITS.messageId),
    source: reader.address(FIELD_LIMITS.sourceAddress),
    tlvs: readTlvs(reader),
  };
}

export function encodeQuerySm(writer: ByteWriter, body: QuerySmBody): void {
  writer.cOctetString(body.messageId, FIELD_LIMITS.messageId);
  writer.address(body.source, "source", FIELD_LIMITS.sourceAddress);
  writer.tlvs(body.tlvs);
}

/** SMPP 3.4 §4.8.2; a bare header gives empty fields and state 0. */
export function decodeQuerySmResp(reader: PduReader): QuerySmRespBody & PduHeader {
  const { commandStatus, sequence } = reader;
  const isBare = reader.isBareResponse();
  return {
    command: "query_sm_resp",
    commandStatus,
    sequence,
    messageId: isBare ? "" : reader.cOctetString(FIELD_LIMITS.messageId),
    finalDate: isBare ? "" : reader.cOctetString(FIELD_LIMITS.finalDate),
    messageState: isBare ? 0 : reader.uint8(),
    errorCode: isBare ? 0 : reader.uint8(),
    tlvs: readTlvs(reader),
  };
}

export function encodeQuerySmResp(writer: ByteWriter, body: QuerySmRespBody, commandStatus: number): void {
  if (commandStatus !== 0 && isEmptyQueryResult(body)) return;
  writer.cOctetString(body.messageId, FIELD_LIMITS.messageId);
  writer.cOctetString(body.finalDate, FIELD_LIMITS.finalDate);
  writer.uint8(body.messageState, "messageState");
  writer.uint8(body.errorCode, "errorCode");
  writer.tlvs(body.tlvs);
}

function isEmptyQueryResult(body: QuerySmRespBody): boolean {
  const { messageId, finalDate, messageState, errorCode, tlvs } = body;
  return messageId === "" && finalDate === "" && messageState === 0 && errorCode === 0 && tlvs.length === 0;
}

/** SMPP 3.4 §4.9.1. */
export function decodeCancelSm(reader: PduReader): CancelSmBody & PduHeader {
  return {
    command: "cancel_sm",
    commandStatus: reader.commandStatus,
    sequence: reader.sequence,
    serviceType: reader.cOctetString(FIELD_LIMITS.serviceType),
    messageId: reader.cOctetString(FIELD_LIMITS.messageId),
    source: reader.address(FIELD_LIMITS.sourceAddress),
    destination: reader.address(FIELD_LIMITS.destinationAddress),
    tlvs: readTlvs(reader),
  };
}

export function encodeCancelSm(writer: ByteWriter, body: CancelSmBody): void {
  writer.cOctetString(body.serviceType, FIELD_LIMITS.serviceType);
  writer.cOctetString(body.messageId, FIELD_LIMITS.messageId);
  writer.address(body.source, "source", FIELD_LIMITS.sourceAddress);
  writer.address(body.destination, "destination", FIELD_LIMITS.destinationAddress);
  writer.tlvs(body.tlvs);
}

/** SMPP 3.4 §4.10.1. */
export function decodeReplaceSm(reader: PduReader): ReplaceSmBody & PduHeader {
  return {
    command: "replace_sm",
    commandStatus: reader.commandStatus,
    sequence: reader.sequence,
    messageId: reader.cOctetString(FIELD_LIMITS.messageId),
    source: reader.address(FIELD_LIMITS.sourceAddress),
    scheduleDeliveryTime: reader.cOctetString(FIELD_LIMITS.scheduleDeliveryTime),
    validityPeriod: reader.cOctetString(FIELD_LIMITS.validityPeriod),
    registeredDelivery: reader.uint8(),
    defaultMessageId: reader.uint8(),
    shortMessage: readShortMessage(reader),
    tlvs: readTlvs(reader),
  };
}

export function encodeReplaceSm(writer: ByteWriter, body: ReplaceSmBody): void {
  writer.cOctetString(body.messageId, FIELD_LIMITS.messageId);
  writer.address(body.source, "source", FIELD_LIMITS.sourceAddress);
  writer.cOctetString(body.scheduleDeliveryTime, FIELD_LIMITS.scheduleDeliveryTime);
  writer.cOctetString(body.validityPeriod, FIELD_LIMITS.validityPeriod);
  writer.uint8(body.registeredDelivery, "registeredDelivery");
  writer.uint8(body.defaultMessageId, "defaultMessageId");
  writeShortMessage(writer, body.shortMessage);
  writer.tlvs(body.tlvs);
}
