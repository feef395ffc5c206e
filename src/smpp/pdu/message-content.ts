import type { Tlv } from "./tlv.ts";
import { readOctetsTlv } from "./tlv-values.ts";

/** Where a PDU may hold the bytes of its message: `short_message`, or the TLV `message_payload` (data_sm has only that). */
export interface MessageCarrying {
  readonly shortMessage?: Uint8Array;
  readonly tlvs: readonly Tlv[];
}

const NO_BYTES = new Uint8Array(0);

/**
 * The bytes of a message, wherever they stand. Both places filled is an error by SMPP 3.4 §5.3.2.32, which an SMSC answers with
 * ESME_RINVMSGLEN.
 */
export function messageContent(
  pdu: MessageCarrying,
):
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly reason: "both-present" } {
  const shortMessage = pdu.shortMessage ?? NO_BYTES;
  const payload = readOctetsTlv(pdu.tlvs, "message_payload") ?? NO_BYTES;
  if (payload.length === 0) return { ok: true, bytes: shortMessage };
  if (shortMessage.length === 0) return { ok: true, bytes: payload };
  return { ok: false, reason: "both-present" };
}
