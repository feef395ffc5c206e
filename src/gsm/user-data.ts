/** The user data of one short message: SMPP's short_message, or TP-UD when septets are packed. */
export interface UserData {
  /** Header and body in one run of octets; `udh` and `body` are views of it. */
  readonly octets: Uint8Array;
  /** The header with its length octet. When there is one, SMPP's esm_class must say so (0x40). */
  readonly udh: Uint8Array | undefined;
  readonly body: Uint8Array;
}

/** User data with the header in place and room for a body of so many octets, to be written into `body`. */
export function userDataWith(udh: Uint8Array, bodyOctets: number): UserData {
  const octets = new Uint8Array(udh.length + bodyOctets);
  octets.set(udh);
  return {
    octets,
    udh: udh.length === 0 ? undefined : octets.subarray(0, udh.length),
    body: octets.subarray(udh.length),
  };
}
