import type { ByteWriter } from "./byte-writer.ts";
import { COMMAND_STATUS } from "./command-status.ts";
import { FIELD_LIMITS, MAX_DESTINATIONS } from "./field-limits.ts";
import { PduFieldError } from "./pdu-field-error.ts";
import type { MultiDestination, PduHeader } from "./pdu.ts";
import type { SubmitMultiBody, SubmitMultiRespBody, UnsuccessfulDelivery } from "./pdu.ts";
import type { PduReader } from "./pdu-reader.ts";
import { readTlvs } from "./read-tlvs.ts";
import { readShortMessage, writeShortMessage } from "./short-message-pdus.ts";

/** dest_flag (SMPP 3.4 §5.2.25). */
const DEST_FLAG = { address: 1, distributionList: 2 } as const;

/** SMPP 3.4 §4.5.1. */
export function decodeSubmitMulti(reader: PduReader): SubmitMultiBody & PduHeader {
  return {
    command: "submit_multi",
    commandStatus: reader.commandStatus,
    sequence: reader.sequence,
    serviceType: reader.cOctetString(FIELD_LIMITS.serviceType),
    source: reader.address(FIELD_LIMITS.sourceAddress),
    destinations: readDestinations(reader),
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

export function encodeSubmitMulti(writer: ByteWriter, body: SubmitMultiBody): void {
  writer.cOctetString(body.serviceType, FIELD_LIMITS.serviceType);
  writer.address(body.source, "source", FIELD_LIMITS.sourceAddress);
  writeDestinations(writer, body.destinations);
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

function readDestinations(reader: PduReader): readonly MultiDestination[] {
  const count = reader.uint8();
  if (count === 0 || count > MAX_DESTINATIONS)
    reader.fail(COMMAND_STATUS.ESME_RINVNUMDESTS, `number_of_dests is ${count}`);
  const destinations: MultiDestination[] = [];
  while (destinations.length < count && reader.failure === undefined)
    destinations.push(readDestination(reader));
  return destinations;
}

function readDestination(reader: PduReader): MultiDestination {
  const flag = reader.uint8();
  if (flag === DEST_FLAG.distributionList)
    return { kind: "distribution-list", name: reader.cOctetString(FIELD_LIMITS.distributionList) };
  if (flag !== DEST_FLAG.address) reader.fail(COMMAND_STATUS.ESME_RINVDESTFLAG, `dest_flag is ${flag}`);
  return { kind: "address", address: reader.address(FIELD_LIMITS.destinationAddress) };
}

function writeDestinations(writer: ByteWriter, destinations: readonly MultiDestination[]): void {
  const { length } = destinations;
  if (length === 0 || length > MAX_DESTINATIONS)
    throw new PduFieldError("destinations", `are ${length}, not 1 to ${MAX_DESTINATIONS}`);
  writer.uint8(length, "destinations.length");
  for (const destination of destinations) {
    if (destination.kind === "distribution-list") {
      writer.uint8(DEST_FLAG.distributionList, "destinations.flag");
      writer.cOctetString(destination.name, FIELD_LIMITS.distributionList);
    } else {
      writer.uint8(DEST_FLAG.address, "destinations.flag");
      writer.address(destination.address, "destinations", FIELD_LIMITS.destinationAddress);
    }
  }
}

/** SMPP 3.4 §4.5.2. */
export function decodeSubmitMultiResp(reader: PduReader): SubmitMultiRespBody & PduHeader {
  const { commandStatus, sequence } = reader;
  const isBare = reader.isBareResponse();
  return {
    command: "submit_multi_resp",
    commandStatus,
    sequence,
    messageId: isBare ? "" : reader.cOctetString(FIELD_LIMITS.messageId),
    unsuccessful: isBare ? [] : readUnsuccessful(reader),
    tlvs: readTlvs(reader),
  };
}

export function encodeSubmitMultiResp(
  writer: ByteWriter,
  body: SubmitMultiRespBody,
  commandStatus: number,
): void {
  const { messageId, unsuccessful, tlvs } = body;
  if (commandStatus !== 0 && messageId === "" && unsuccessful.length === 0 && tlvs.length === 0) return;
  writer.cOctetString(messageId, FIELD_LIMITS.messageId);
  writer.uint8(unsuccessful.length, "unsuccessful.length");
  for (const { destination, commandStatus: status } of unsuccessful) {
    writer.address(destination, "unsuccessful.destination", FIELD_LIMITS.destinationAddress);
    writer.uint32(status, "unsuccessful.commandStatus");
  }
  writer.tlvs(tlvs);
}

function readUnsuccessful(reader: PduReader): readonly UnsuccessfulDelivery[] {
  const count = reader.uint8();
  const unsuccessful: UnsuccessfulDelivery[] = [];
  while (unsuccessful.length < count && reader.failure === undefined)
    unsuccessful.push({
      destination: reader.address(FIELD_LIMITS.destinationAddress),
      commandStatus: reader.uint32(),
    });
  return unsuccessful;
}
