import { viewMessage } from "../../domain/message-view.ts";
import type { RecountStore } from "../../store/recounting.ts";
import type { ReadEvent } from "./event-cursor.ts";

export interface FrameDeps {
  readonly store: Pick<RecountStore, "getMessageDeletedToo">;
}

/**
 * An event as webhooks tell it, with its id; null when its message is no longer stored, or when it was found so late that the
 * message's deletion may have been told before.
 */
export async function renderFrame(event: ReadEvent, { store }: FrameDeps): Promise<string | null> {
  const message = await store.getMessageDeletedToo(event);
  if (message === null) return null;
  if (event.isLate && event.type === "message_updated" && message.tmDelete !== null) return null;
  return JSON.stringify({ id: event.id, type: event.type, data: viewMessage(message) });
}
