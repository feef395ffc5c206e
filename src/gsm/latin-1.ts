import { stringOfUnits } from "./code-units.ts";

/** The index of the first UTF-16 unit that ISO 8859-1 does not have, or -1. */
export function firstOutsideLatin1(text: string): number {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0xff) return index;
  }
  return -1;
}

/** Writes text[start, end) at the front of `target`, one octet per character; ASCII is the same below 0x80. */
export function writeLatin1(text: string, start: number, end: number, target: Uint8Array): void {
  for (let index = start; index < end; index++) target[index - start] = text.charCodeAt(index);
}

/** The text of ISO 8859-1 octets; every octet stands for a character. */
export function decodeLatin1(octets: Uint8Array): string {
  return stringOfUnits(octets);
}
