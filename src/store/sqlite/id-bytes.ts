const NIBBLES = makeNibbles();
const BYTES = 16;
const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function makeNibbles(): Uint8Array {
  const nibbles = new Uint8Array(256).fill(255);
  for (let value = 0; value < 16; value++) {
    const digit = value.toString(16);
    nibbles[digit.charCodeAt(0)] = value;
    nibbles[digit.toUpperCase().charCodeAt(0)] = value;
  }
  return nibbles;
}

/** The 16 bytes of a UUID, whose order is the order of the texts. Throws a TypeError when the text is none. */
export function idToBytes(id: string): Uint8Array {
  const bytes = new Uint8Array(BYTES);
  if (id.length !== 36) throw notAnId(id);
  let seen = 0;
  let at = 0;
  for (let index = 0; index < BYTES; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) at++;
    const high = NIBBLES[id.charCodeAt(at)] ?? 255;
    const low = NIBBLES[id.charCodeAt(at + 1)] ?? 255;
    seen |= high | low;
    bytes[index] = (high << 4) | low;
    at += 2;
  }
  if (seen > 15) throw notAnId(id);
  return bytes;
}

/** The bytes of a UUID, or null when the text is none: such an id is unknown, not an error. */
export function idToBytesOrNull(id: string): Uint8Array | null {
  return FORM.test(id) ? idToBytes(id) : null;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The UUID of 16 bytes, in lower case. */
export function bytesToId(bytes: Uint8Array): string {
  if (bytes.length !== BYTES) throw new TypeError(`an id has 16 bytes, not ${bytes.length}`);
  let text = "";
  for (let index = 0; index < BYTES; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += "-";
    text += HEX[bytes[index] ?? 0];
  }
  return text;
}

/** The UUID of 32 upper-case hex digits, as SQL's hex() spells a column: read so, an id costs a fifth of a blob. */
export function hexToId(hex: string): string {
  const id = hex.toLowerCase();
  return `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`;
}

/** Several ids in one column, one after the other; empty for none. */
export function idsToBytes(ids: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(BYTES * ids.length);
  for (const [index, id] of ids.entries()) bytes.set(idToBytes(id), index * BYTES);
  return bytes;
}

/** The ids that {@link idsToBytes} put into one column, as SQL's hex() spells it. */
export function hexToIds(hex: string): string[] {
  const ids: string[] = [];
  for (let at = 0; at < hex.length; at += 2 * BYTES) ids.push(hexToId(hex.slice(at, at + 2 * BYTES)));
  return ids;
}

function notAnId(id: string): TypeError {
  return new TypeError(`not a UUID: ${id.slice(0, 40)}`);
}
