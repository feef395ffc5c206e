import { LAST_SEQUENCE } from "./session-options.ts";

/** Gives out the sequence numbers of our own PDUs: 1 to 0x7FFFFFFF, then from 1 again (SMPP 3.4 §3.2). */
export class SequenceNumbers {
  #next: number;

  constructor(first: number) {
    this.#next = first;
  }

  take(): number {
    const sequence = this.#next;
    this.#next = sequence === LAST_SEQUENCE ? 1 : sequence + 1;
    return sequence;
  }
}
