/** What a sender puts into seven spare bits so that they are not taken for an `@` (septet 0), TS 23.038 §6.1.2.3.1. */
const PADDING_SEPTET = 0x0d;

/** How many zero bits bring the text after a header of `headerOctets` to a septet boundary, TS 23.040 §9.2.3.24. */
export function fillBits(headerOctets: number): number {
  return (7 - ((8 * headerOctets) % 7)) % 7;
}

/** How many octets `septets` take once packed after so many fill bits. */
export function packedLength(septets: number, fill: number): number {
  return Math.ceil((fill + 7 * septets) / 8);
}

/**
 * Packs septets (one per octet) into octets, the first in the lowest bits (TS 23.038 §6.1.2.1), after `fill` zero bits.
 * SMPP carries no count of septets; where seven bits are left over they get a carriage return instead of an `@`.
 */
export function packSeptets(septets: Uint8Array, fill = 0): Uint8Array {
  const packed = new Uint8Array(packedLength(septets.length, fill));
  let bit = fill;
  for (const septet of septets) {
    putSeptet(packed, bit, septet);
    bit += 7;
  }
  if (packed.length * 8 - bit === 7) putSeptet(packed, bit, PADDING_SEPTET);
  return packed;
}

/**
 * Unpacks octets into septets, one per octet, skipping `fill` bits. With no `count` every whole septet is read, except
 * a carriage return or zero in the last seven bits of the last octet: that is padding, as many senders leave zeros
 * there. (A text whose very last septet is a true `@` in that place loses it; only a count could tell.)
 */
export function unpackSeptets(packed: Uint8Array, fill = 0, count?: number): Uint8Array {
  const whole = Math.max(0, Math.floor((packed.length * 8 - fill) / 7));
  const septets = new Uint8Array(count === undefined ? whole : Math.min(count, whole));
  for (let index = 0; index < septets.length; index++) septets[index] = getSeptet(packed, fill + 7 * index);
  const last = septets.at(-1);
  const endsAtOctetEnd = fill + 7 * whole === packed.length * 8;
  const isPadding = endsAtOctetEnd && (last === PADDING_SEPTET || last === 0);
  return count === undefined && isPadding ? septets.subarray(0, -1) : septets;
}

function putSeptet(packed: Uint8Array, bit: number, septet: number): void {
  const at = bit >> 3;
  const shifted = (septet & 0x7f) << (bit & 7);
  packed[at] = (packed[at] ?? 0) | (shifted & 0xff);
  // A write past the end of a typed array is dropped, which is right: nothing of the septet is left by then.
  packed[at + 1] = shifted >> 8;
}

function getSeptet(packed: Uint8Array, bit: number): number {
  const at = bit >> 3;
  return (((packed[at] ?? 0) | ((packed[at + 1] ?? 0) << 8)) >> (bit & 7)) & 0x7f;
}
