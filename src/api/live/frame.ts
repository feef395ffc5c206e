import type { Clock } from "../../domain/clock.ts";
import type { EventId, Ids } from "../../domain/ids.ts";
import type { Message } from "../../domain/message.ts";
import { viewMessage } from "../../domain/message-view.ts";
import type { MessageStore } from "../../store/accepting.ts";
import type { ReadEvent } from "./event-cursor.ts";

export interface FrameDeps {
  readonly store: Pick<MessageStore, "getMessage" | "deleteMessages">;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * An event as webhooks tell it, with its id; null when its message is no longer stored, or when it was found so late that the
 * message's deletion may have been told before.
 */
export async function renderFrame(event: ReadEvent, deps: FrameDeps): Promise<string | null> {
  const message = await readMessage(event, deps);
  if (message === null) return null;
  if (event.isLate && event.type === "message_updated" && message.tmDelete !== null) return null;
  return JSON.stringify({ id: event.id, type: event.type, data: viewMessage(message) });
}

async function readMessage(event: ReadEvent, { store, clock, ids }: FrameDeps): Promise<Message | null> {
  const key = { customerId: event.customerId, messageId: event.messageId };
  const message = await store.getMessage(key);
  if (message !== null) return message;
  // It is deleted, and deleting again answers it whole and changes nothing.
  const at = clock.now();
  const [deleted] = await store.deleteMessages([{ ...key, at, eventId: ids.at(at) as EventId }]); // branded: just made
  return deleted ?? null;
}
