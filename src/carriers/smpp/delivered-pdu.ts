import type { DataSmBody, DeliverSm, PduHeader } from "../../smpp/pdu/pdu.ts";

/** What an SMSC brings: a receipt or a handset's message, in either of two commands. */
export type DeliveredPdu = DeliverSm | (DataSmBody & PduHeader);
