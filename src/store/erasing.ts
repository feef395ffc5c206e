import type { Micros } from "../domain/micros.ts";

/** What was changed where a number was erased. */
export interface ErasureResult {
  readonly messages: number;
  readonly targets: number;
  readonly parts: number;
  readonly optOuts: number;
  readonly more: boolean;
}

export interface ErasureStore {
  /**
   * Takes one phone number out of everything: messages from and to it lose their text and the number (`erased` stands in
   * its place), trails, receipts, kept parts, attempt bodies; opt-outs keep a hash so that they go on holding. What waits is
   * stopped, and what is in flight is not sent again. A text that other recipients are still to get stays for them, and goes
   * with the first sweep (retaining.ts) after the last of them. At most `limit` rows a call; call again while `more`.
   */
  eraseNumber(number: string, now: Micros, limit: number): Promise<ErasureResult>;
}
