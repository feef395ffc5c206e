import { partCapacity, PARTS_LIMIT } from "./capacity.ts";
import { concatenationElement, concatenationHeader } from "./concatenation-header.ts";
import type { TextProfile } from "./text-profile.ts";
import { concatenationOf, type UdhElement } from "./udh.ts";
import { decodeUdh, type UdhError } from "./udh-decoding.ts";
import { udhLength } from "./udh-encoding.ts";
import { type UserData, userDataWith } from "./user-data.ts";

/** Why binary data cannot be sent as asked. */
export type BinaryRejection =
  | { readonly ok: false; readonly reason: "malformed-header"; readonly error: UdhError }
  /** The octets given as header hold more than a header: `headerOctets` are it, `givenOctets` came. */
  | {
      readonly ok: false;
      readonly reason: "data-after-header";
      readonly headerOctets: number;
      readonly givenOctets: number;
    }
  /** Data for several parts under a header that already says which part it is. */
  | { readonly ok: false; readonly reason: "already-concatenated" }
  | { readonly ok: false; readonly reason: "header-too-long"; readonly headerOctets: number }
  | {
      readonly ok: false;
      readonly reason: "too-many-parts";
      readonly encoding: "binary8";
      readonly units: number;
      readonly parts: number;
      readonly limit: number;
    };

/** What binary data costs; units are octets. */
export interface BinaryCount {
  readonly ok: true;
  readonly encoding: "binary8";
  readonly units: number;
  readonly parts: number;
  readonly partCapacity: number;
}

/** Binary data in parts, in their order. */
export interface BinarySegmentation extends Omit<BinaryCount, "parts"> {
  readonly parts: readonly UserData[];
}

/** Counts the parts of binary data; `segmentBinary` makes exactly so many. No data at all is one part. */
export function countBinaryParts(
  data: Uint8Array,
  udh: Uint8Array | undefined,
  profile: TextProfile,
): BinaryCount | BinaryRejection {
  const elements = headerElements(udh);
  return elements.ok ? layOut(data, udh, elements.elements, profile) : elements;
}

/**
 * Cuts binary data into 8-bit short messages. `udh` is a whole header as the sender gave it, length octet first. Data
 * that fits into one part goes out under exactly those octets; otherwise each part's header starts with the
 * concatenation and repeats the given elements.
 */
export function segmentBinary(
  data: Uint8Array,
  udh: Uint8Array | undefined,
  profile: TextProfile,
  reference: number,
): BinarySegmentation | BinaryRejection {
  const given = headerElements(udh);
  if (!given.ok) return given;
  const layout = layOut(data, udh, given.elements, profile);
  if (!layout.ok) return layout;
  const { encoding, units, partCapacity: capacity } = layout;
  const header =
    layout.parts === 1
      ? () => udh ?? new Uint8Array()
      : concatenationHeader(profile, reference, layout.parts, given.elements);
  const parts = Array.from({ length: layout.parts }, (_, index) => {
    const body = data.subarray(index * capacity, (index + 1) * capacity);
    const part = userDataWith(header(index + 1), body.length);
    part.body.set(body);
    return part;
  });
  return { ok: true, encoding, units, partCapacity: capacity, parts };
}

function headerElements(
  udh: Uint8Array | undefined,
): { readonly ok: true; readonly elements: readonly UdhElement[] } | BinaryRejection {
  if (udh === undefined) return { ok: true, elements: [] };
  const decoded = decodeUdh(udh);
  if (!decoded.ok) return { ok: false, reason: "malformed-header", error: decoded.error };
  const { headerOctets, elements } = decoded;
  if (headerOctets === udh.length) return { ok: true, elements };
  return { ok: false, reason: "data-after-header", headerOctets, givenOctets: udh.length };
}

function layOut(
  data: Uint8Array,
  udh: Uint8Array | undefined,
  elements: readonly UdhElement[],
  profile: TextProfile,
): BinaryCount | BinaryRejection {
  const units = data.length;
  const single = partCapacity("binary8", udh?.length ?? 0);
  if (units <= single) return { ok: true, encoding: "binary8", units, parts: 1, partCapacity: single };
  if (concatenationOf(elements) !== undefined) return { ok: false, reason: "already-concatenated" };
  const headerOctets = udhLength([concatenationElement(profile, 0, 1), ...elements]);
  const capacity = partCapacity("binary8", headerOctets);
  if (capacity < 1) return { ok: false, reason: "header-too-long", headerOctets };
  const parts = Math.ceil(units / capacity);
  const limit = Math.min(profile.maxParts, PARTS_LIMIT);
  if (parts > limit) return { ok: false, reason: "too-many-parts", encoding: "binary8", units, parts, limit };
  return { ok: true, encoding: "binary8", units, parts, partCapacity: capacity };
}
