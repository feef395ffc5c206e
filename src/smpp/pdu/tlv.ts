/**
 * One optional parameter (SMPP 3.4 §3.2.4.1), always as it stood on the wire: known, unknown or of a wrong size, it is kept and
 * written back unchanged. `tlv-values.ts` reads and makes the typed ones.
 */
export interface Tlv {
  readonly tag: number;
  /** Decoded, it is a view into the received chunk: copy what is kept. */
  readonly value: Uint8Array;
}

/** The list of a PDU without optional parameters, shared by all of them. */
export const NO_TLVS: readonly Tlv[] = Object.freeze([]);
