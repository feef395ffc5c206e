import { checkCommandLength, type DecodeResult, decodePduAt, uint32At } from "./decode-pdu.ts";

const LENGTH_BYTES = 4;
const FIRST_PARTIAL_BYTES = 512;
const NO_BYTES = new Uint8Array(0);

/**
 * Cuts a byte stream into PDUs, however it was split on its way. Push a chunk, then take PDUs until there are none; a chunk is
 * read in place and must not be changed afterwards. It never holds more than one unfinished PDU and the chunks not yet taken. A
 * command_length that cannot be gives one fatal error, and nothing after it.
 */
export class PduFramer {
  #chunk: Uint8Array = NO_BYTES;
  #offset = 0;
  /** The beginning of a PDU whose rest has not come; its buffer grows with what comes, not with what was announced. */
  #partial: Uint8Array = NO_BYTES;
  #partialLength = 0;
  #isBroken = false;

  /** Bytes held: of the unfinished PDU and of PDUs not yet taken. */
  get bufferedBytes(): number {
    return this.#partialLength + this.#chunk.length - this.#offset;
  }

  push(chunk: Uint8Array): void {
    if (this.#isBroken) return;
    // A plain view keeps element access in one shape whether the chunk is a Buffer or not.
    const plain = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    this.#chunk =
      this.#offset === this.#chunk.length ? plain : join(this.#chunk.subarray(this.#offset), plain);
    this.#offset = 0;
  }

  /** The next whole PDU, or undefined until more has come. */
  next(): DecodeResult | undefined {
    if (this.#partialLength > 0) return this.#finishPartial();
    const available = this.#chunk.length - this.#offset;
    if (available < LENGTH_BYTES) return this.#keepRest();
    const length = uint32At(this.#chunk, this.#offset);
    const refusal = this.#refuse(length);
    if (refusal !== undefined) return refusal;
    if (available < length) return this.#keepRest();
    const start = this.#offset;
    this.#offset = start + length;
    return decodePduAt(this.#chunk, start, this.#offset);
  }

  #finishPartial(): DecodeResult | undefined {
    if (!this.#fillPartial(LENGTH_BYTES)) return undefined;
    const length = uint32At(this.#partial, 0);
    const refusal = this.#refuse(length);
    if (refusal !== undefined) return refusal;
    if (!this.#fillPartial(length)) return undefined;
    const whole = this.#partial;
    this.#partial = NO_BYTES;
    this.#partialLength = 0;
    return decodePduAt(whole, 0, length);
  }

  /** Moves bytes of the chunk to the unfinished PDU until that has `wanted`; says whether it has. */
  #fillPartial(wanted: number): boolean {
    const missing = wanted - this.#partialLength;
    const count = Math.min(missing, this.#chunk.length - this.#offset);
    if (count > 0) {
      this.#appendToPartial(this.#chunk.subarray(this.#offset, this.#offset + count));
      this.#offset += count;
    }
    return count >= missing;
  }

  #appendToPartial(bytes: Uint8Array): void {
    const length = this.#partialLength + bytes.length;
    if (length > this.#partial.length) {
      const grown = new Uint8Array(Math.max(length, this.#partial.length * 2, FIRST_PARTIAL_BYTES));
      grown.set(this.#partial.subarray(0, this.#partialLength));
      this.#partial = grown;
    }
    this.#partial.set(bytes, this.#partialLength);
    this.#partialLength = length;
  }

  #keepRest(): undefined {
    if (this.#offset < this.#chunk.length) this.#appendToPartial(this.#chunk.subarray(this.#offset));
    this.#chunk = NO_BYTES;
    this.#offset = 0;
  }

  #refuse(length: number): DecodeResult | undefined {
    const refusal = checkCommandLength(length);
    if (refusal !== undefined) this.#break();
    return refusal;
  }

  #break(): void {
    this.#isBroken = true;
    this.#chunk = NO_BYTES;
    this.#offset = 0;
    this.#partial = NO_BYTES;
    this.#partialLength = 0;
  }
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
