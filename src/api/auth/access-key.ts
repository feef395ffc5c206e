import { hash } from "node:crypto";
import type { FillRandom } from "../../domain/ids.ts";

/** What every access key begins with, so that people and leak scanners recognise one. */
export const ACCESS_KEY_PREFIX = "vb_";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const SECRET_CHARACTERS = 32;
const SHOWN_CHARACTERS = 11;
/** Bytes from here on are drawn again: with them the first letters of the alphabet would come more often. */
const FAIR_BYTES = 256 - (256 % ALPHABET.length);

/** Makes an access key: the prefix and 32 characters, 190 bits. It is shown once and kept nowhere. */
export function makeAccessKey(fillRandom: FillRandom): string {
  let secret = "";
  const bytes = new Uint8Array(SECRET_CHARACTERS * 2);
  while (secret.length < SECRET_CHARACTERS) {
    fillRandom(bytes);
    for (const byte of bytes) {
      if (byte < FAIR_BYTES && secret.length < SECRET_CHARACTERS) secret += ALPHABET[byte % ALPHABET.length];
    }
  }
  return ACCESS_KEY_PREFIX + secret;
}

/** The hex SHA-256 under which the store knows a key. No salt and no stretching: 190 random bits cannot be guessed. */
export function hashAccessKey(key: string): string {
  return hash("sha256", key, "hex");
}

/** The beginning of a key, enough to recognise it in a list. */
export function accessKeyStart(key: string): string {
  return key.slice(0, SHOWN_CHARACTERS);
}
