import type { MessageEvent } from "../../domain/event.ts";
import type { CustomerId, EventId } from "../../domain/ids.ts";
import type { ReadEvent } from "./event-cursor.ts";

/** Whether the customer may subscribe to a topic: its own id must stand in it, whole (promise P7). */
export function isOwnTopic(topic: string, customerId: CustomerId): boolean {
  const own = `customer_id:${customerId}`;
  return topic === own || topic.startsWith(`${own}:`);
}

/** Subscriptions by topic, each with the id of the event, or of the time, after which it begins. */
export type Subscriptions = ReadonlyMap<string, EventId>;

/** Whether one of the subscriptions takes the event in. */
export function takesIn(subscriptions: Subscriptions, event: ReadEvent): boolean {
  const topic = topicOf(event);
  for (const [subscription, after] of subscriptions) {
    if ((event.isLate || event.id > after) && topic.startsWith(subscription)) return true;
  }
  return false;
}

/** The topic that an event is told under; a subscription to any beginning of it takes it in. */
function topicOf({ customerId, messageId }: MessageEvent): string {
  return `customer_id:${customerId}:message:${messageId}`;
}
