import { ByteWriter } from "../pdu/byte-writer.ts";
import { writePdu } from "../pdu/encode-pdu.ts";
import type { PduBody } from "../pdu/pdu.ts";

/**
 * What waits for the next write to the socket. Requests of the owner are kept apart from the session's own PDUs and from answers,
 * because they may have to be taken back at the last moment; these go first.
 */
export class Outbox {
  readonly #answers = new ByteWriter();
  readonly #requests = new ByteWriter();

  get length(): number {
    return this.#answers.length + this.#requests.length;
  }

  get requestBytes(): number {
    return this.#requests.length;
  }

  putAnswer(body: PduBody, sequence: number, commandStatus: number): void {
    writePdu(this.#answers, body, sequence, commandStatus);
  }

  putRequest(body: PduBody, sequence: number): void {
    writePdu(this.#requests, body, sequence);
  }

  putRaw(bytes: Uint8Array): void {
    this.#answers.octets(bytes);
  }

  discardRequests(): void {
    this.#requests.truncate(0);
  }

  take(): Uint8Array {
    if (this.#answers.length === 0) return this.#requests.take();
    if (this.#requests.length > 0) this.#answers.octets(this.#requests.take());
    return this.#answers.take();
  }
}
