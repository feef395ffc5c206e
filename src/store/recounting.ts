import type { MessageEvent } from "../domain/event.ts";
import type { Message } from "../domain/message.ts";
import type { CustomerId, EndpointId, EventId } from "../domain/ids.ts";
import type { Micros } from "../domain/micros.ts";
import type { TrailEntry } from "../domain/trail.ts";
import type { MessageKey } from "./accepting.ts";
import type { DeliveryAttempt } from "./announcing.ts";

/** One attempt as the log keeps it. */
export interface LoggedAttempt extends DeliveryAttempt {
  readonly endpointId: EndpointId;
  readonly event: MessageEvent;
  /** From 1. */
  readonly attempt: number;
}

/** Everything that is known of a message's way. */
export interface Recount {
  readonly trails: readonly { readonly n: number; readonly trail: readonly TrailEntry[] }[];
  readonly events: readonly MessageEvent[];
  readonly attempts: readonly LoggedAttempt[];
}

export interface AuditEntry {
  readonly id: string;
  readonly at: Micros;
  /** The acting customer. */
  readonly by: CustomerId;
  /** `carrier.added`, `customer.removed`…: an open list. */
  readonly what: string;
  /** What it was done to, by id or name. */
  readonly on: string;
  /** Facts without secrets. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

/** An event as readers of a customer's events find it. */
export interface FedEvent extends MessageEvent {
  /** Whether it may have to be closed: false when it surely takes in no more. */
  readonly isOpen: boolean;
}

export interface RecountStore {
  /** Null when unknown, foreign or deleted. */
  recount(key: MessageKey): Promise<Recount | null>;
  /** Newest first, strictly older than the event `before`. */
  listAttempts(query: {
    readonly customerId: CustomerId;
    readonly endpointId: EndpointId | null;
    readonly before: EventId | null;
    readonly limit: number;
  }): Promise<readonly LoggedAttempt[]>;
  /** The customer's events after `after` (exclusive), oldest first; the feed of WebSockets. */
  listEvents(customerId: CustomerId, after: EventId, limit: number): Promise<readonly FedEvent[]>;
  /** The message of an event as it is now, deleted or not: what is told with it. Null when it is no longer stored, or foreign. */
  getMessageDeletedToo(key: MessageKey): Promise<Message | null>;
  /** From this commit on the events absorb nothing more: somebody is about to be told. */
  closeEvents(events: readonly Pick<MessageEvent, "customerId" | "messageId" | "id">[]): Promise<void>;
  /**
   * Puts events on their way to an endpoint again, with their own ids: those given, or those of the span (at most `limit`,
   * oldest first). Answers how many.
   */
  replayEvents(request: {
    readonly customerId: CustomerId;
    readonly endpointId: EndpointId;
    readonly which: readonly EventId[] | { readonly from: Micros; readonly until: Micros };
    readonly now: Micros;
    readonly limit: number;
  }): Promise<number>;
  appendAudit(entry: AuditEntry): Promise<void>;
  listAudit(before: string | null, limit: number): Promise<readonly AuditEntry[]>;
}
