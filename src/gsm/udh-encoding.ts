import { USER_DATA_OCTETS } from "./capacity.ts";
import type { UdhElement } from "./udh.ts";

/**
 * Writes a header, length octet first; no elements make an empty array, not a header of length zero. Throws a
 * RangeError when a value does not fit its field or the header leaves no room for a text: callers check outside input.
 */
export function encodeUdh(elements: readonly UdhElement[]): Uint8Array {
  const length = udhLength(elements);
  if (length > USER_DATA_OCTETS) {
    throw new RangeError(`a user data header of ${length} octets does not fit into ${USER_DATA_OCTETS}`);
  }
  const header = new Uint8Array(length);
  if (length > 0) header[0] = length - 1;
  let at = 1;
  for (const element of elements) {
    const { id, data } = encodeElement(element);
    header[at] = id;
    header[at + 1] = data.length;
    header.set(data, at + 2);
    at += 2 + data.length;
  }
  return header;
}

/** Octets `encodeUdh` makes of these elements: 0 for none, otherwise with the length octet. */
export function udhLength(elements: readonly UdhElement[]): number {
  return elements.reduce(
    (length, element) => length + 2 + encodeElement(element).data.length,
    elements.length > 0 ? 1 : 0,
  );
}

const ELEMENT_IDS = {
  concatenation: { 8: 0x00, 16: 0x08 },
  ports: { 8: 0x04, 16: 0x05 },
  "national-single-shift": 0x24,
  "national-locking-shift": 0x25,
} as const;

function encodeElement(element: UdhElement): { readonly id: number; readonly data: Uint8Array } {
  if (element.kind === "unknown") return { id: octetsOf([element.id, 8])[0] ?? 0, data: element.data };
  if (element.kind === "concatenation") {
    const { referenceBits, reference, total, sequence } = element;
    if (sequence === 0 || sequence > total) throw new RangeError(`part ${sequence} of ${total}`);
    const data = octetsOf([reference, referenceBits], [total, 8], [sequence, 8]);
    return { id: ELEMENT_IDS.concatenation[referenceBits], data };
  }
  if (element.kind === "ports") {
    const { portBits, destination, source } = element;
    return { id: ELEMENT_IDS.ports[portBits], data: octetsOf([destination, portBits], [source, portBits]) };
  }
  return { id: ELEMENT_IDS[element.kind], data: octetsOf([element.language, 8]) };
}

function octetsOf(...fields: readonly (readonly [value: number, bits: 8 | 16])[]): Uint8Array {
  const octets: number[] = [];
  for (const [value, bits] of fields) {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) {
      throw new RangeError(`${value} does not fit into ${bits} bits of a user data header`);
    }
    if (bits === 16) octets.push(value >> 8);
    octets.push(value & 0xff);
  }
  return Uint8Array.from(octets);
}
