import type { ByteWriter } from "./byte-writer.ts";
import { FIELD_LIMITS } from "./field-limits.ts";
import type { BindRequest, BindRequestBody, BindResponse, BindResponseBody, OutbindBody } from "./pdu.ts";
import type { PduHeader } from "./pdu.ts";
import type { PduReader } from "./pdu-reader.ts";
import { readTlvs } from "./read-tlvs.ts";

/** SMPP 3.4 §4.1.1, §4.1.3, §4.1.5. */
export function decodeBind(reader: PduReader, command: BindRequestBody["command"]): BindRequest {
  return {
    command,
    commandStatus: reader.commandStatus,
    sequence: reader.sequence,
    systemId: reader.cOctetString(FIELD_LIMITS.systemId),
    password: reader.cOctetString(FIELD_LIMITS.password),
    systemType: reader.cOctetString(FIELD_LIMITS.systemType),
    interfaceVersion: reader.uint8(),
    addressTon: reader.uint8(),
    addressNpi: reader.uint8(),
    addressRange: reader.cOctetString(FIELD_LIMITS.addressRange),
    tlvs: readTlvs(reader),
  };
}

export function encodeBind(writer: ByteWriter, body: BindRequestBody): void {
  writer.cOctetString(body.systemId, FIELD_LIMITS.systemId);
  writer.cOctetString(body.password, FIELD_LIMITS.password);
  writer.cOctetString(body.systemType, FIELD_LIMITS.systemType);
  writer.uint8(body.interfaceVersion, "interfaceVersion");
  writer.uint8(body.addressTon, "addressTon");
  writer.uint8(body.addressNpi, "addressNpi");
  writer.cOctetString(body.addressRange, FIELD_LIMITS.addressRange);
  writer.tlvs(body.tlvs);
}

/** SMPP 3.4 §4.1.2: with an error there is no body, and some peers leave it out of a success too. */
export function decodeBindResp(reader: PduReader, command: BindResponseBody["command"]): BindResponse {
  const { commandStatus, sequence } = reader;
  const systemId = reader.isBareResponse() ? "" : reader.lastCOctetString(FIELD_LIMITS.systemId);
  return { command, commandStatus, sequence, systemId, tlvs: readTlvs(reader) };
}

export function encodeBindResp(writer: ByteWriter, body: BindResponseBody, commandStatus: number): void {
  if (commandStatus !== 0 && body.systemId === "" && body.tlvs.length === 0) return;
  writer.cOctetString(body.systemId, FIELD_LIMITS.systemId);
  writer.tlvs(body.tlvs);
}

/** SMPP 3.4 §4.1.7. */
export function decodeOutbind(reader: PduReader): OutbindBody & PduHeader {
  return {
    command: "outbind",
    commandStatus: reader.commandStatus,
    sequence: reader.sequence,
    systemId: reader.cOctetString(FIELD_LIMITS.systemId),
    password: reader.cOctetString(FIELD_LIMITS.password),
    tlvs: readTlvs(reader),
  };
}

export function encodeOutbind(writer: ByteWriter, body: OutbindBody): void {
  writer.cOctetString(body.systemId, FIELD_LIMITS.systemId);
  writer.cOctetString(body.password, FIELD_LIMITS.password);
  writer.tlvs(body.tlvs);
}
