import type { PduReader } from "./pdu-reader.ts";
import { tlvSpec } from "./tlv-table.ts";
import { NO_TLVS, type Tlv } from "./tlv.ts";

const TLV_HEADER_BYTES = 4;

/**
 * Reads what is left of a PDU as optional parameters. It never fails a PDU whose mandatory part was read: a parameter that runs
 * past the end is dropped with what follows it, and one of a wrong size is kept; both are noted as flaws.
 */
export function readTlvs(reader: PduReader): readonly Tlv[] {
  if (reader.remaining === 0) return NO_TLVS;
  skipStrayNul(reader);
  const tlvs: Tlv[] = [];
  while (reader.remaining > 0) {
    const length = (reader.peek(2) << 8) | reader.peek(3);
    if (reader.remaining < TLV_HEADER_BYTES + length) {
      reader.noteFlaw(isAllNul(reader) ? "stray-nul" : "truncated-tlv");
      reader.skipRest();
      break;
    }
    const tag = reader.uint16();
    reader.uint16();
    const value = reader.octets(length);
    noteOddSize(reader, tag, value);
    tlvs.push({ tag, value });
  }
  return tlvs;
}

/** Some peers close short_message with a NUL that sm_length does not count: then the list parses only from the byte after it. */
function skipStrayNul(reader: PduReader): void {
  if (reader.peek(0) !== 0 || reader.remaining < 1 + TLV_HEADER_BYTES) return;
  if (!fillsExactly(reader, 0) && fillsExactly(reader, 1)) {
    reader.noteFlaw("stray-nul");
    reader.uint8();
  }
}

function fillsExactly(reader: PduReader, from: number): boolean {
  let at = from;
  while (at + TLV_HEADER_BYTES <= reader.remaining)
    at += TLV_HEADER_BYTES + ((reader.peek(at + 2) << 8) | reader.peek(at + 3));
  return at === reader.remaining;
}

function isAllNul(reader: PduReader): boolean {
  if (reader.remaining >= TLV_HEADER_BYTES) return false;
  return reader.peek(0) === 0 && reader.peek(1) === 0 && reader.peek(2) === 0;
}

function noteOddSize(reader: PduReader, tag: number, value: Uint8Array): void {
  const spec = tlvSpec(tag);
  if (spec === undefined) return;
  if (value.length < spec.minBytes || value.length > spec.maxBytes) reader.noteFlaw("nonstandard-tlv-size");
  if (spec.type === "text" && value.at(-1) !== 0) reader.noteFlaw("unterminated-tlv");
}
