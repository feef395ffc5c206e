import { stringOfUnits } from "./code-units.ts";

/** Writes text[start, end) at the front of `target` as UTF-16, high octet first, two octets per unit. */
export function writeUcs2(text: string, start: number, end: number, target: Uint8Array): void {
  let at = 0;
  for (let index = start; index < end; index++) {
    const unit = text.charCodeAt(index);
    target[at++] = unit >> 8;
    target[at++] = unit & 0xff;
  }
}

/**
 * The text of UTF-16 octets, high octet first. A last octet without its other half is left out: peers are known to
 * send a stray NUL. Half a surrogate pair stays as it is, because some senders cut a pair between two parts and
 * joining the parts makes it whole; call `toWellFormed()` on the joined text.
 */
export function decodeUcs2(octets: Uint8Array): string {
  const units = new Uint16Array(octets.length >> 1);
  for (let index = 0; index < units.length; index++) {
    units[index] = ((octets[2 * index] ?? 0) << 8) | (octets[2 * index + 1] ?? 0);
  }
  return stringOfUnits(units);
}

/** Whether the units before and at `index` are the two halves of one character. */
export function isInsidePair(text: string, index: number): boolean {
  return (text.charCodeAt(index - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(index) & 0xfc00) === 0xdc00;
}
