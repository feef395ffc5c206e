import type { WebhookMethod } from "./customer.ts";
import type { EventType } from "./event.ts";
import type { CustomerId, EndpointId } from "./ids.ts";
import type { Micros } from "./micros.ts";
import type { TargetStatus } from "./target-status.ts";

/** An address of a customer that wants to be told of changes. */
export interface WebhookEndpoint {
  readonly id: EndpointId;
  readonly customerId: CustomerId;
  /** The one that `webhook_uri` and `webhook_method` of the customer stand for; at most one a customer. */
  readonly isPrimary: boolean;
  readonly uri: string;
  readonly method: WebhookMethod;
  /** Event types it wants; empty means all. */
  readonly events: readonly EventType[];
  /** Wants `message_updated` only when a changed target has one of these; empty means any. */
  readonly statuses: readonly TargetStatus[];
  /** Sealed, the newest first; sign with each of them: two while a rotation is under way. */
  readonly sealedSecrets: readonly string[];
  /** When the older of two secrets stops signing; null when there is one. */
  readonly tmSecretRetire: Micros | null;
  /** Why it is switched off, in words; null while it is on. */
  readonly disabledReason: string | null;
  /** Start of the present run of failures; null while the last attempt succeeded. */
  readonly tmFailingSince: Micros | null;
  readonly tmCreate: Micros;
  readonly tmUpdate: Micros | null;
}
