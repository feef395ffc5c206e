import { RecentMap } from "../recent-map.ts";
import type { MessagePdu } from "../smpp/delivered-pdu.ts";

/** Messages whose refusals are counted; beyond it the older half is forgotten, and would be refused anew. */
export const MAX_COUNTED = 10_000;

/** Remembers how often a message was refused, to take it when it comes once more. */
export class RepeatedRefusals {
  readonly #counts = new RecentMap<string, number>(MAX_COUNTED);

  /** Whether this message is to be refused now, so that it is refused `times` times in all. */
  isDue(pdu: MessagePdu, times: number): boolean {
    const name = nameOf(pdu);
    const count = this.#counts.get(name) ?? 0;
    this.#counts.delete(name);
    if (count >= times) return false;
    this.#counts.set(name, count + 1);
    return true;
  }
}

/** The same message comes with the same bytes, save for the reference of its parts, which is kept by a good client. */
function nameOf({ source, destination, shortMessage }: MessagePdu): string {
  let text = `${source.address}>${destination.address}>`;
  for (const byte of shortMessage ?? []) text += String.fromCharCode(byte);
  return text;
}
