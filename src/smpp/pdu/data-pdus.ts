import type { ByteWriter } from "./byte-writer.ts";
import { FIELD_LIMITS } from "./field-limits.ts";
import type { AlertNotificationBody, DataSmBody, PduHeader } from "./pdu.ts";
import type { PduReader } from "./pdu-reader.ts";
import { readTlvs } from "./read-tlvs.ts";

/** SMPP 3.4 §4.7.1; its addresses may have 64 characters. */
export function decodeDataSm(reader: PduReader): DataSmBody & PduHeader {
  return {
    command: "data_sm",
    commandStatus: reader.commandStatus,
    sequence: reader.sequence,
    serviceType: reader.cOctetString(FIELD_LIMITS.serviceType),
    source: reader.address(FIELD_LIMITS.longSourceAddress),
    destination: reader.address(FIELD_LIMITS.longDestinationAddress),
    esmClass: reader.uint8(),
    registeredDelivery: reader.uint8(),
    dataCoding: reader.uint8(),
    tlvs: readTlvs(reader),
  };
}

export function encodeDataSm(writer: ByteWriter, body: DataSmBody): void {
  writer.cOctetString(body.serviceType, FIELD_LIMITS.serviceType);
  writer.address(body.source, "source", FIELD_LIMITS.longSourceAddress);
  writer.address(body.destination, "destination", FIELD_LIMITS.longDestinationAddress);
  writer.uint8(body.esmClass, "esmClass");
  writer.uint8(body.registeredDelivery, "registeredDelivery");
  writer.uint8(body.dataCoding, "dataCoding");
  writer.tlvs(body.tlvs);
}

/** SMPP 3.4 §4.12.1. */
export function decodeAlertNotification(reader: PduReader): AlertNotificationBody & PduHeader {
  return {
    command: "alert_notification",
    commandStatus: reader.commandStatus,
    sequence: reader.sequence,
    source: reader.address(FIELD_LIMITS.longSourceAddress),
    esme: reader.address(FIELD_LIMITS.esmeAddress),
    tlvs: readTlvs(reader),
  };
}

export function encodeAlertNotification(writer: ByteWriter, body: AlertNotificationBody): void {
  writer.address(body.source, "source", FIELD_LIMITS.longSourceAddress);
  writer.address(body.esme, "esme", FIELD_LIMITS.esmeAddress);
  writer.tlvs(body.tlvs);
}
