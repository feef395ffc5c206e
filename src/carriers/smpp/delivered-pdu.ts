import type { DataSmBody, DeliverSm, PduHeader, SmppAddress } from "../../smpp/pdu/pdu.ts";
import type { Tlv } from "../../smpp/pdu/tlv.ts";

/** What an SMSC brings: a receipt or a handset's message, in either of two commands. */
export type DeliveredPdu = DeliverSm | (DataSmBody & PduHeader);

/** What the PDUs that carry a message have in common; without `shortMessage` it is in a parameter. */
export interface MessagePdu {
  readonly source: SmppAddress;
  readonly destination: SmppAddress;
  readonly esmClass: number;
  readonly dataCoding: number;
  readonly shortMessage?: Uint8Array;
  readonly tlvs: readonly Tlv[];
}
