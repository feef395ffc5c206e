import type { AlertNotificationBody, MessageRequest, OutbindBody, PduHeader } from "../pdu/pdu.ts";
import type { PduFlaw } from "../pdu/pdu-flaw.ts";

/** A request of the peer, handed to the owner, who answers it once (alert_notification and outbind have no answer). */
export interface IncomingRequest {
  readonly pdu: MessageRequest | (AlertNotificationBody & PduHeader) | (OutbindBody & PduHeader);
  /** What was odd about it and tolerated; for logs and counters. */
  readonly flaws: readonly PduFlaw[];
  readonly receivedAtMs: number;
}
