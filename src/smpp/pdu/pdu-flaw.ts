/** An oddity of a received PDU that did not stop it from being read. */
export type PduFlaw =
  /** NUL bytes after the last field, where optional parameters would begin. */
  | "stray-nul"
  /** The optional parameters end inside one; those before it are kept. */
  | "truncated-tlv"
  /** A standard TLV of a size that the standard does not allow. */
  | "nonstandard-tlv-size"
  /** A standard C-octet TLV without its NUL. */
  | "unterminated-tlv"
  /** The message_id or system_id of a response ran to the end of the PDU without its NUL. */
  | "unterminated-string"
  /** A response that must have a body came as a bare header. */
  | "missing-body"
  /** A short_message of 255 bytes, which SMPP 5.0 allows and 3.4 does not. */
  | "long-short-message"
  /** A field longer than SMPP 3.4 allows, within what `field-limits.ts` tolerates. */
  | "long-field";
