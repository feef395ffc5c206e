import { viewMessage } from "../domain/message-view.ts";
import type { Delivery } from "../store/announcing.ts";

/**
 * The body that a delivery is made with: the bytes of its first attempt, or the message as it is now. Null when the message is
 * no longer stored.
 */
export function bodyOf({ body, event, message }: Delivery): string | null {
  if (body !== null) return body;
  return message === null ? null : JSON.stringify({ type: event.type, data: viewMessage(message) });
}
