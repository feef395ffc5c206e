/** How the characters of a message are written; one of these for all its parts. */
export type Encoding = "gsm7" | "latin1" | "ucs2" | "binary8";

/** Octets of user data in one short message, header included (TS 23.040 §9.2.3.24.1). */
export const USER_DATA_OCTETS = 140;

/** The parts a concatenated message can have: the header counts them in one octet (TS 23.040 §9.2.3.24.1). */
export const PARTS_LIMIT = 255;

/**
 * Units that fit into one part behind a header of `headerOctets` octets, its length octet included (0: no header):
 * septets for gsm7, UTF-16 units for ucs2, octets otherwise. Negative or zero when the header leaves no room.
 */
export function partCapacity(encoding: Encoding, headerOctets: number): number {
  const octets = USER_DATA_OCTETS - headerOctets;
  if (encoding === "gsm7") return Math.floor((octets * 8) / 7);
  return encoding === "ucs2" ? Math.floor(octets / 2) : octets;
}
