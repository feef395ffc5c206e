import { PduFieldError } from "./pdu-field-error.ts";
import {
  type FlagTlvName,
  type IntegerTlvName,
  type OctetsTlvName,
  type TextTlvName,
  TLV_TABLE,
} from "./tlv-table.ts";
import type { Tlv } from "./tlv.ts";

const MAX_INTEGER_BYTES = 4;

/** Makes an integer parameter of the size that the standard gives it. */
export function integerTlv(name: IntegerTlvName, value: number): Tlv {
  const { tag, maxBytes } = TLV_TABLE[name];
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * maxBytes))
    throw new PduFieldError(name, `does not fit ${maxBytes} bytes: ${value}`);
  const bytes = new Uint8Array(maxBytes);
  for (let index = 0; index < maxBytes; index++) bytes[index] = value >>> (8 * (maxBytes - 1 - index));
  return { tag, value: bytes };
}

/** Makes a C-octet string parameter: one byte per character and a NUL. */
export function textTlv(name: TextTlvName, value: string): Tlv {
  const { tag, maxBytes } = TLV_TABLE[name];
  if (value.length >= maxBytes) throw new PduFieldError(name, `has ${value.length} characters`);
  const bytes = new Uint8Array(value.length + 1);
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code === 0 || code > 0xff) throw new PduFieldError(name, `contains U+${code.toString(16)}`);
    bytes[index] = code;
  }
  return { tag, value: bytes };
}

/** Makes a parameter of plain octets, kept by reference. */
export function octetsTlv(name: OctetsTlvName, value: Uint8Array): Tlv {
  const { tag, minBytes, maxBytes } = TLV_TABLE[name];
  if (value.length < minBytes || value.length > maxBytes)
    throw new PduFieldError(name, `has ${value.length} bytes, not ${minBytes} to ${maxBytes}`);
  return { tag, value };
}

/** Makes a parameter that says all by being there. */
export function flagTlv(name: FlagTlvName): Tlv {
  return { tag: TLV_TABLE[name].tag, value: new Uint8Array(0) };
}

/** The first parameter with this tag, standard or not. */
export function findTlv(tlvs: readonly Tlv[], tag: number): Tlv | undefined {
  for (const tlv of tlvs) if (tlv.tag === tag) return tlv;
  return undefined;
}

/** The number in it, of whatever 1 to 4 bytes the peer made it (`user_message_reference` comes in one); else undefined. */
export function readIntegerTlv(tlvs: readonly Tlv[], name: IntegerTlvName): number | undefined {
  const value = findTlv(tlvs, TLV_TABLE[name].tag)?.value;
  if (value === undefined || value.length === 0 || value.length > MAX_INTEGER_BYTES) return undefined;
  let number = 0;
  for (const byte of value) number = number * 256 + byte;
  return number;
}

/** The characters up to the first NUL, or all of them when the peer left it out; undefined when the parameter is absent. */
export function readTextTlv(tlvs: readonly Tlv[], name: TextTlvName): string | undefined {
  const value = findTlv(tlvs, TLV_TABLE[name].tag)?.value;
  if (value === undefined) return undefined;
  let text = "";
  for (const byte of value) {
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Its bytes, of whatever length; undefined when the parameter is absent. */
export function readOctetsTlv(tlvs: readonly Tlv[], name: OctetsTlvName): Uint8Array | undefined {
  return findTlv(tlvs, TLV_TABLE[name].tag)?.value;
}

/** §5.3.2.31: which network refused (1 ANSI-136, 2 IS-95, 3 GSM) and its own code; undefined when absent or not three bytes. */
export function readNetworkErrorCode(
  tlvs: readonly Tlv[],
): { readonly networkType: number; readonly code: number } | undefined {
  const value = readOctetsTlv(tlvs, "network_error_code");
  const [networkType, high, low] = value ?? [];
  if (value?.length !== 3 || networkType === undefined || high === undefined || low === undefined)
    return undefined;
  return { networkType, code: (high << 8) | low };
}
