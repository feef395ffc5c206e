/**
 * Carriers write one message id in several ways: upper or lower case, with or without leading zeros, in hexadecimal in one
 * place and in decimal in another. Keys are strings throughout: ids reach beyond 2^53 and may be UUIDs.
 */

/** The one spelling under which an id is stored: lower case, without spaces around it and without leading zeros. */
export function canonicalKey(id: string): string {
  const bare = id.trim().toLowerCase();
  let zeros = 0;
  while (zeros < bare.length - 1 && bare.charCodeAt(zeros) === ZERO) zeros++;
  return zeros === 0 ? bare : bare.slice(zeros);
}

/**
 * The keys under which a receipt's message may be stored, most likely first: its ids as they are, the one of the TLV before the
 * one of the text, then each read as hexadecimal and as decimal. Undefined or empty ids are left out.
 */
export function receiptKeys(textId: string | undefined, tlvId: string | undefined): readonly string[] {
  const keys: string[] = [];
  const tlvKey = tlvId === undefined ? "" : canonicalKey(tlvId);
  const textKey = textId === undefined ? "" : canonicalKey(textId);
  addNew(keys, tlvKey);
  addNew(keys, textKey);
  for (let index = 0, ids = keys.length; index < ids; index++) {
    const key = keys[index] ?? "";
    addNew(keys, hexToDecimal(key) ?? "");
    addNew(keys, decimalToHex(key) ?? "");
  }
  return keys;
}

/** Whether a receipt's key is one of those before it, read in another base. */
export function isOtherReading(keys: readonly string[], index: number): boolean {
  const key = keys[index];
  return keys.slice(0, index).some((id) => hexToDecimal(id) === key || decimalToHex(id) === key);
}

/** The decimal spelling of a canonical hexadecimal key, null when it is none or longer than any number that is an id. */
export function hexToDecimal(key: string): string | null {
  if (key.length > MAX_DIGITS || !HEXADECIMAL.test(key)) return null;
  // A number of JavaScript holds 13 hexadecimal digits exactly; BigInt is an order of magnitude slower.
  return key.length <= 13 ? String(Number.parseInt(key, 16)) : BigInt(`0x${key}`).toString();
}

/** The hexadecimal spelling of a canonical decimal key, null when it is none or longer than any number that is an id. */
export function decimalToHex(key: string): string | null {
  if (key.length > MAX_DIGITS || !DECIMAL.test(key)) return null;
  return key.length <= 15 ? Number(key).toString(16) : BigInt(key).toString(16);
}

function addNew(keys: string[], key: string): void {
  if (key !== "" && !keys.includes(key)) keys.push(key);
}

const HEXADECIMAL = /^[0-9a-f]+$/;
const DECIMAL = /^\d+$/;
const ZERO = 0x30;

/** 128 bits take 32 hexadecimal and 39 decimal digits. */
const MAX_DIGITS = 40;
