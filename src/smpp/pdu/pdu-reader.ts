import { COMMAND_STATUS } from "./command-status.ts";
import type { FieldLimit } from "./field-limits.ts";
import type { PduFlaw } from "./pdu-flaw.ts";
import type { SmppAddress } from "./pdu.ts";

/** Why a body cannot be read, and the status that tells its sender. */
export interface ReadFailure {
  readonly commandStatus: number;
  readonly message: string;
}

const NO_FLAWS: readonly PduFlaw[] = Object.freeze([]);
const NO_BYTES = new Uint8Array(0);

/**
 * Reads the fields of one PDU in order and never past its end. After the first failure every read gives 0 or nothing, so that a
 * decoder reads straight through and looks at `failure` once.
 */
export class PduReader {
  readonly commandStatus: number;
  readonly sequence: number;
  failure: ReadFailure | undefined = undefined;
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #offset: number;
  #flaws: PduFlaw[] | undefined = undefined;

  constructor(bytes: Uint8Array, bodyStart: number, end: number, commandStatus: number, sequence: number) {
    this.#bytes = bytes;
    this.#offset = bodyStart;
    this.#end = end;
    this.commandStatus = commandStatus;
    this.sequence = sequence;
  }

  get remaining(): number {
    return this.#end - this.#offset;
  }

  get flaws(): readonly PduFlaw[] {
    return this.#flaws ?? NO_FLAWS;
  }

  noteFlaw(flaw: PduFlaw): void {
    this.#flaws ??= [];
    if (!this.#flaws.includes(flaw)) this.#flaws.push(flaw);
  }

  fail(commandStatus: number, message: string): void {
    this.failure ??= { commandStatus, message };
    this.#offset = this.#end;
  }

  uint8(): number {
    if (this.#offset >= this.#end) {
      this.#failShort();
      return 0;
    }
    return this.#bytes[this.#offset++] ?? 0;
  }

  uint16(): number {
    return (this.uint8() << 8) | this.uint8();
  }

  uint32(): number {
    return ((this.uint16() << 16) | this.uint16()) >>> 0;
  }

  /** Whether a response came without its body: usual with an error, a flaw without one. */
  isBareResponse(): boolean {
    if (this.remaining > 0) return false;
    if (this.commandStatus === COMMAND_STATUS.ESME_ROK) this.noteFlaw("missing-body");
    return true;
  }

  /** Up to the NUL, which must come within the limit and before the end. */
  cOctetString(limit: FieldLimit): string {
    const start = this.#offset;
    const stop = Math.min(this.#end, start + limit.acceptedBytes);
    const nul = this.#findNul(start, stop);
    if (nul === stop) {
      this.fail(limit.commandStatus, `${limit.name} has no NUL within ${stop - start} bytes`);
      return "";
    }
    return this.#takeString(nul, nul + 1, limit);
  }

  /** The last string of a response, which some peers leave without its NUL: then the whole rest is the string. */
  lastCOctetString(limit: FieldLimit): string {
    const start = this.#offset;
    const isShort = this.#end - start < limit.acceptedBytes;
    if (!isShort || this.#findNul(start, this.#end) < this.#end) return this.cOctetString(limit);
    this.noteFlaw("unterminated-string");
    return this.#takeString(this.#end, this.#end, limit);
  }

  address(limit: FieldLimit): SmppAddress {
    return { ton: this.uint8(), npi: this.uint8(), address: this.cOctetString(limit) };
  }

  /** A view of the next bytes, not a copy. */
  octets(length: number): Uint8Array {
    if (length > this.remaining) {
      this.#failShort();
      return NO_BYTES;
    }
    const start = this.#offset;
    this.#offset = start + length;
    if (length === 0) return NO_BYTES;
    // Not subarray(): that would make a Buffer of a Buffer, and costs three times as much.
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length);
  }

  /** The byte `ahead` of the next one, 0 past the end; the reader stays where it is. */
  peek(ahead: number): number {
    return ahead < this.remaining ? (this.#bytes[this.#offset + ahead] ?? 0) : 0;
  }

  /** Leaves the rest of the PDU unread. */
  skipRest(): void {
    this.#offset = this.#end;
  }

  #takeString(stringEnd: number, next: number, limit: FieldLimit): string {
    const start = this.#offset;
    this.#offset = next;
    if (stringEnd - start >= limit.standardBytes) this.noteFlaw("long-field");
    return latin1(this.#bytes, start, stringEnd);
  }

  #findNul(start: number, stop: number): number {
    const bytes = this.#bytes;
    let at = start;
    while (at < stop && bytes[at] !== 0) at++;
    return at;
  }

  #failShort(): void {
    this.fail(COMMAND_STATUS.ESME_RINVCMDLEN, "the PDU ends inside a field");
  }
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}
