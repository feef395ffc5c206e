/** Says which part of how many this is; `reference` is the same in all of them (TS 23.040 §9.2.3.24.1, §9.2.3.24.8). */
export interface ConcatenationElement {
  readonly kind: "concatenation";
  readonly referenceBits: 8 | 16;
  readonly reference: number;
  /** 1 to 255. */
  readonly total: number;
  /** 1 to `total`. */
  readonly sequence: number;
}

/** Addresses an application on the handset (TS 23.040 §9.2.3.24.3 and §9.2.3.24.4). */
export interface PortsElement {
  readonly kind: "ports";
  readonly portBits: 8 | 16;
  readonly destination: number;
  readonly source: number;
}

/** Names the national language table a 7-bit text is written with (TS 23.040 §9.2.3.24.15 and §9.2.3.24.16). */
export interface NationalElement {
  readonly kind: "national-single-shift" | "national-locking-shift";
  /** The identifier as it came; see `nationalLanguageOf`. */
  readonly language: number;
}

/** Any other element, or a known one whose content the standard says to ignore; kept octet for octet. */
export interface UnknownElement {
  readonly kind: "unknown";
  readonly id: number;
  readonly data: Uint8Array;
}

/** One information element of a user data header. */
export type UdhElement = ConcatenationElement | PortsElement | NationalElement | UnknownElement;

/**
 * The concatenation a header asks for. Of several the last one holds, as TS 23.040 §9.2.3.24 says of elements that
 * may not be repeated.
 */
export function concatenationOf(elements: readonly UdhElement[]): ConcatenationElement | undefined {
  return elements.findLast((element) => element.kind === "concatenation");
}
