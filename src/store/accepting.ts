import type { Direction, Message, MessageHead, MessageType, Target } from "../domain/message.ts";
import type { TargetStatus } from "../domain/target-status.ts";
import type { CarrierId, CustomerId, EventId, MessageId, NodeId } from "../domain/ids.ts";
import type { Micros } from "../domain/micros.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { TrailEntry } from "../domain/trail.ts";

/** A first request under an idempotency key, written in the accepting transaction. */
export interface IdempotencyClaim {
  /** 1–255 characters. */
  readonly key: string;
  /** Hash of method, path, query and body. */
  readonly fingerprint: string;
  /** The answer's body, to be given again. */
  readonly answer: string;
  readonly expiresAt: Micros;
}

/** Whose the queue rows of some carriers are from the start. */
export interface AcceptanceLease {
  readonly node: NodeId;
  readonly carriers: readonly CarrierId[];
  /** Those of the carriers whose rows are marked in flight with the message, as of its `tmCreate`: they count as an attempt. */
  readonly marks: readonly { readonly carrierId: CarrierId; readonly bind: number; readonly epoch: number }[];
}

/** Everything that one accepted request makes durable. Its targets' `tmUpdate` is the message's `tmCreate` at first. */
export interface Acceptance {
  readonly message: MessageHead;
  readonly targets: readonly Target[];
  /** The targets to be sent; absent for those that were settled at acceptance (opted out, no route). */
  readonly queue: readonly OutboundTarget[];
  /** What of `queue` this node has at once (see HandOver). */
  readonly leasedTo: AcceptanceLease | null;
  readonly eventId: EventId;
  readonly idempotency: IdempotencyClaim | null;
}

export type AcceptanceOutcome =
  | { readonly kind: "accepted" }
  /** The same key and fingerprint were there already: nothing was written. */
  | { readonly kind: "replayed"; readonly answer: string }
  /** The key was used with another fingerprint: nothing was written. */
  | { readonly kind: "key_reused" };

export interface MessageKey {
  readonly customerId: CustomerId;
  readonly messageId: MessageId;
}

export interface MessageChange extends MessageKey {
  readonly at: Micros;
  /** The id of the event this change makes, if it changes anything. */
  readonly eventId: EventId;
}

/** A page asks for messages strictly older than `before`, newest first, none deleted. */
export interface MessageQuery {
  readonly customerId: CustomerId;
  /** An id, or the smallest id of a time (`firstIdAt`); null from the newest. */
  readonly before: string | null;
  /** 1–100. */
  readonly limit: number;
  /**
   * The page ends early once it holds this many targets (it always holds one message at least). A target whose address is long
   * counts for several (page-weight.ts).
   */
  readonly targetLimit: number;
}

/** Which messages a list is about; every condition that is there must hold. */
export interface MessageFilter {
  readonly direction?: Direction;
  readonly type?: MessageType;
  /** At least one target has it. */
  readonly status?: TargetStatus;
  /** The normalised target of the source. */
  readonly source?: string;
  /** The normalised target of at least one destination. */
  readonly destination?: string;
  /** Holds this text, in any case. */
  readonly text?: string;
  /** Created at or after. */
  readonly from?: Micros;
  /** Created before. */
  readonly until?: Micros;
}

/**
 * A filtered page. The engine looks at no more than a bounded number of messages a call: `next` is then where to go on,
 * even if nothing was found yet; null at the end.
 */
export interface MessageSearchPage {
  readonly messages: readonly Message[];
  readonly next: string | null;
}

/** What a cancellation did; `canceled` are the targets that were still queued or scheduled. */
export interface Cancellation {
  readonly message: Message;
  readonly canceled: readonly number[];
}

/** What became of a wish to send once more what is held. */
export interface Resending {
  readonly message: Message;
  /** The targets that are due now, by their `n`. */
  readonly resent: readonly number[];
}

export interface MessageStore {
  /** One durable transaction with everything else that waits; outcomes in the order of the entries. */
  acceptMessages(entries: readonly Acceptance[]): Promise<readonly AcceptanceOutcome[]>;
  /** Null when it is unknown, foreign or deleted (promise P7: all three alike). */
  getMessage(key: MessageKey): Promise<Message | null>;
  listMessages(query: MessageQuery): Promise<readonly Message[]>;
  /** What happened to each target, by its `n`; null when the message is unknown, foreign or deleted. */
  getTrails(key: MessageKey): Promise<readonly (readonly TrailEntry[])[] | null>;
  /**
   * Hides messages (tmUpdate = tmDelete = at) and answers them whole; null when unknown or foreign. Again is fine: the
   * first deletion's times stay. Writes one `message_deleted` event; what is queued goes on.
   */
  deleteMessages(changes: readonly MessageChange[]): Promise<readonly (Message | null)[]>;
  /** The answer kept under an idempotency key, as durable as an acceptance; null when there is none or it has expired. */
  findIdempotent(
    customerId: CustomerId,
    key: string,
    now: Micros,
  ): Promise<{ fingerprint: string; answer: string } | null>;
}

/** Reads and changes beyond the contract's four calls. */
export interface MessageDeskStore {
  searchMessages(query: MessageQuery, filter: MessageFilter): Promise<MessageSearchPage>;
  /**
   * Stops what is still queued or scheduled and not in flight: those targets end as `canceled`, with one event. One that is
   * held ends too, and its trail says that its outcome is unknown. Null when unknown, foreign or deleted.
   */
  cancelMessages(changes: readonly MessageChange[]): Promise<readonly (Cancellation | null)[]>;
  /** Makes what is held due at once, with `resent` on its trail (promise P3). Null when unknown, foreign or deleted. */
  resendMessages(changes: readonly MessageChange[]): Promise<readonly (Resending | null)[]>;
}
