import type { FieldLimit } from "./field-limits.ts";
import { PduFieldError } from "./pdu-field-error.ts";
import type { SmppAddress } from "./pdu.ts";
import type { Tlv } from "./tlv.ts";

const MIN_CAPACITY = 512;
const MAX_FIRST_CAPACITY = 64 * 1024;

/**
 * Bytes that grow at their end: many PDUs go one after another into the same writer and leave it in one piece. Every method that
 * takes a value refuses one that does not fit with `PduFieldError`.
 */
export class ByteWriter {
  #bytes = new Uint8Array(0);
  #length = 0;
  #firstCapacity = MIN_CAPACITY;

  get length(): number {
    return this.#length;
  }

  uint8(value: number, field: string): void {
    if (value >>> 0 !== value || value > 0xff) throw new PduFieldError(field, `is not a byte: ${value}`);
    const at = this.#advance(1);
    this.#bytes[at] = value;
  }

  uint16(value: number, field: string): void {
    if (value >>> 0 !== value || value > 0xffff) throw new PduFieldError(field, `is not two bytes: ${value}`);
    const at = this.#advance(2);
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value;
  }

  uint32(value: number, field: string): void {
    if (value >>> 0 !== value) throw new PduFieldError(field, `is not four bytes: ${value}`);
    this.#putUint32(this.#advance(4), value);
  }

  /** Writes over four bytes that are already there: a length known only at the end. */
  patchUint32(at: number, value: number): void {
    this.#putUint32(at, value);
  }

  /** One byte per character, closed by a NUL; `limit` counts the NUL. */
  cOctetString(value: string, limit: FieldLimit): void {
    const { length } = value;
    if (length >= limit.acceptedBytes)
      throw new PduFieldError(limit.name, `has ${length} characters, ${limit.acceptedBytes - 1} fit`);
    let at = this.#advance(length + 1);
    const bytes = this.#bytes;
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code === 0 || code > 0xff) throw unwritableCharacter(limit.name, code);
      bytes[at++] = code;
    }
    bytes[at] = 0;
  }

  address(value: SmppAddress, field: string, limit: FieldLimit): void {
    this.uint8(value.ton, `${field}.ton`);
    this.uint8(value.npi, `${field}.npi`);
    this.cOctetString(value.address, limit);
  }

  octets(value: Uint8Array): void {
    const { length } = value;
    const at = this.#advance(length);
    const bytes = this.#bytes;
    // Below this size the loop beats the call of set().
    if (length > 64) bytes.set(value, at);
    else for (let index = 0; index < length; index++) bytes[at + index] = value[index] ?? 0;
  }

  tlvs(tlvs: readonly Tlv[]): void {
    for (const tlv of tlvs) {
      this.uint16(tlv.tag, "tlvs.tag");
      this.uint16(tlv.value.length, "tlvs.length");
      this.octets(tlv.value);
    }
  }

  /** Forgets everything from `length` on: a PDU that could not be finished. */
  truncate(length: number): void {
    this.#length = Math.min(length, this.#length);
  }

  /** Hands over what was written and begins anew; the returned bytes are never touched again. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    // The next batch is likely as large as this one: begin with its size instead of growing to it again.
    this.#firstCapacity = Math.min(Math.max(this.#length, MIN_CAPACITY), MAX_FIRST_CAPACITY);
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
    return taken;
  }

  #putUint32(at: number, value: number): void {
    const bytes = this.#bytes;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }

  #advance(count: number): number {
    const at = this.#length;
    this.#length = at + count;
    if (this.#length > this.#bytes.length) this.#grow(at);
    return at;
  }

  #grow(used: number): void {
    const capacity = Math.max(this.#firstCapacity, this.#bytes.length * 2, this.#length);
    const grown = new Uint8Array(capacity);
    grown.set(this.#bytes.subarray(0, used));
    this.#bytes = grown;
  }
}

function unwritableCharacter(field: string, code: number): PduFieldError {
  // A NUL would end the field early and shift all that follow.
  return new PduFieldError(field, code === 0 ? "contains a NUL" : `contains U+${code.toString(16)}`);
}
