import type { ConcatenationElement, UdhElement, UnknownElement } from "./udh.ts";

/** What is wrong with a header; offsets and lengths in octets, offsets from the header's length octet. */
export type UdhError =
  | { readonly reason: "empty" }
  | { readonly reason: "header-past-end"; readonly declared: number; readonly available: number }
  | { readonly reason: "element-without-length"; readonly offset: number; readonly id: number }
  | {
      readonly reason: "element-past-header";
      readonly offset: number;
      readonly id: number;
      readonly declared: number;
      readonly available: number;
    };

/** The elements in their order and the header's length with its length octet, or what is wrong. */
export type UdhDecoding =
  | { readonly ok: true; readonly elements: readonly UdhElement[]; readonly headerOctets: number }
  | { readonly ok: false; readonly error: UdhError };

/** Reads the header at the front of user data; what follows it is not looked at. */
export function decodeUdh(userData: Uint8Array): UdhDecoding {
  const declared = userData[0];
  if (declared === undefined) return { ok: false, error: { reason: "empty" } };
  const headerOctets = declared + 1;
  if (headerOctets > userData.length) {
    return { ok: false, error: { reason: "header-past-end", declared, available: userData.length - 1 } };
  }
  const elements: UdhElement[] = [];
  let offset = 1;
  while (offset < headerOctets) {
    const id = userData[offset] ?? 0;
    const length = userData[offset + 1];
    if (length === undefined || offset + 1 >= headerOctets) {
      return { ok: false, error: { reason: "element-without-length", offset, id } };
    }
    const available = headerOctets - offset - 2;
    if (length > available) {
      return { ok: false, error: { reason: "element-past-header", offset, id, declared: length, available } };
    }
    elements.push(decodeElement(id, userData.subarray(offset + 2, offset + 2 + length)));
    offset += 2 + length;
  }
  return { ok: true, elements, headerOctets };
}

/** The error in words, for a log line or an answer. */
export function describeUdhError(error: UdhError): string {
  if (error.reason === "empty") return "the user data header is missing: there are no octets at all";
  if (error.reason === "header-past-end") {
    return `the user data header declares ${error.declared} octets but ${error.available} follow`;
  }
  const element = `header element ${hex(error.id)} at octet ${error.offset}`;
  if (error.reason === "element-without-length") return `${element} ends before its length`;
  return `${element} declares ${error.declared} octets but ${error.available} are left in the header`;
}

// A known element of the wrong length, a part 0, a part past the total or a total of 0 is to be ignored as a whole
// (TS 23.040 §9.2.3.24.1): kept as unknown it can still be passed on unchanged.
function decodeElement(id: number, data: Uint8Array): UdhElement {
  const [first = 0, second = 0, third = 0, fourth = 0] = data;
  const is = (known: number, length: number): boolean => id === known && data.length === length;
  if (is(0x00, 3)) return concatenation(8, first, second, third) ?? unknown(id, data);
  if (is(0x08, 4)) return concatenation(16, (first << 8) | second, third, fourth) ?? unknown(id, data);
  if (is(0x04, 2)) return { kind: "ports", portBits: 8, destination: first, source: second };
  if (is(0x05, 4)) {
    return { kind: "ports", portBits: 16, destination: (first << 8) | second, source: (third << 8) | fourth };
  }
  if (is(0x24, 1)) return { kind: "national-single-shift", language: first };
  if (is(0x25, 1)) return { kind: "national-locking-shift", language: first };
  return unknown(id, data);
}

function concatenation(
  referenceBits: 8 | 16,
  reference: number,
  total: number,
  sequence: number,
): ConcatenationElement | undefined {
  if (sequence === 0 || sequence > total) return undefined;
  return { kind: "concatenation", referenceBits, reference, total, sequence };
}

function unknown(id: number, data: Uint8Array): UnknownElement {
  // A copy: the element must not keep a socket's whole receive buffer alive, nor change with it.
  return { kind: "unknown", id, data: data.slice() };
}

function hex(id: number): string {
  return `0x${id.toString(16).toUpperCase().padStart(2, "0")}`;
}
