import type { CustomerId, EventId, MessageId } from "./ids.ts";

export const EVENT_TYPES = ["message_created", "message_updated", "message_deleted"] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** That a message changed, without its body: the body is rendered from the message at the first attempt. */
export interface MessageEvent {
  readonly id: EventId;
  readonly customerId: CustomerId;
  readonly messageId: MessageId;
  readonly type: EventType;
  /** Goes up each time a young `message_updated` that nobody was told of yet absorbs a later change. */
  readonly version: number;
  /** Indexes of the targets that changed; empty means all. */
  readonly changed: readonly number[];
}
