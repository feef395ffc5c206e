import type { CustomerId, EndpointId, EventId, MessageId, NodeId } from "../domain/ids.ts";
import type { MessageEvent } from "../domain/event.ts";
import type { Message } from "../domain/message.ts";
import type { Micros } from "../domain/micros.ts";

export interface DeliveryKey {
  readonly endpointId: EndpointId;
  readonly messageId: MessageId;
  readonly eventId: EventId;
}

/** One event on its way to one endpoint. */
export interface Delivery extends DeliveryKey {
  readonly event: MessageEvent;
  /** Attempts made before. */
  readonly attempts: number;
  /** The bytes of the first attempt; null before it. */
  readonly body: string | null;
  /** The message as it is now, deleted or not: what the first attempt renders. Null when `body` is there. */
  readonly message: Message | null;
}

export interface DeliveryClaim {
  readonly endpointId: EndpointId;
  readonly node: NodeId;
  readonly now: Micros;
  /**
   * Nobody else may claim them before this; a claim that is never settled is due again then, or when the lease ends that a
   * delivery was made with (`reserveUntil`), if that is later.
   */
  readonly leaseUntil: Micros;
  /** 1–1,000. */
  readonly limit: number;
  /**
   * The endpoint is claimed from again and again, so that what is made for it until then may be leased as it is made, for whoever
   * claims next. An engine need not heed it.
   */
  readonly reserveUntil?: Micros;
}

/** What the attempt log keeps of one attempt. */
export interface DeliveryAttempt {
  readonly at: Micros;
  readonly tookMs: number;
  /** Null when no answer came. */
  readonly statusCode: number | null;
  /** Why there was none, in words; empty otherwise. */
  readonly error: string;
  /** The beginning of the answer's body, at most 1,024 characters. */
  readonly answer: string;
}

/**
 * How an attempt went. Where a number was erased from the message meanwhile, neither what was told nor what was answered is
 * kept, and each later attempt renders it anew.
 */
export type DeliverySettlement = DeliveryKey & {
  readonly customerId: CustomerId;
  readonly attempt: DeliveryAttempt;
} & (
    | { readonly outcome: "delivered" }
    /**
     * Tried again at `dueAt` with the same bytes, unless more than these `attempts` were made before by now: then this one is
     * written already, or another node's is that had the delivery after it, and it moves nothing.
     */
    | { readonly outcome: "retry"; readonly attempts: number; readonly dueAt: Micros; readonly body: string }
    /** Given up: releases the message's next event. */
    | { readonly outcome: "given_up"; readonly body: string }
  );

/** What deliveries showed of an endpoint; apart from the record, so that it never undoes a customer's change to it. */
export interface EndpointHealth {
  readonly endpointId: EndpointId;
  /** The uri that was called: nothing is written when the endpoint has another one by now. */
  readonly uri: string;
  /** Start of the present run of failures; null after a success. */
  readonly tmFailingSince: Micros | null;
  /** Switches it off with this reason, which is a change of the record like any other; null leaves it as it is. */
  readonly disabledReason: string | null;
  /** When it showed. */
  readonly at: Micros;
}

export interface AnnouncementStore {
  /**
   * Leases due deliveries of one endpoint, oldest first; of one message only the earliest event that is not done yet.
   * From this commit on their events absorb nothing more.
   */
  claimDeliveries(claim: DeliveryClaim): Promise<readonly Delivery[]>;
  settleDeliveries(settlements: readonly DeliverySettlement[]): Promise<void>;
  /** Notes which endpoints work: writes their `tmFailingSince`, and switches off those that are to be. Never on. */
  noteEndpointHealth(healths: readonly EndpointHealth[]): Promise<void>;
  /** Endpoints with deliveries due by `now`, at most `limit`. */
  dueEndpoints(now: Micros, limit: number): Promise<readonly EndpointId[]>;
  /** When the endpoint's next delivery falls due; null when none waits. */
  nextDeliveryAt(endpointId: EndpointId): Promise<Micros | null>;
}
