import type { Clock } from "../../domain/clock.ts";
import type { EventId, Ids, MessageId } from "../../domain/ids.ts";
import { viewMessage } from "../../domain/message-view.ts";
import type { MessageStore } from "../../store/accepting.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { noSuchMessage } from "../message-records.ts";
import { readPathId } from "../path-id.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

interface MessagesDeleteDeps {
  readonly guard: Guard;
  readonly store: Pick<MessageStore, "deleteMessages">;
  readonly clock: Clock;
  readonly ids: Ids;
}

const schema = {
  tags: ["Messages"],
  summary: "Delete a message",
  description: "Hides it from lists and reads. What is queued is still sent. Doing it again is fine.",
  response: answers("The deleted message.", reference("Message")),
};

/** `DELETE /v1.0/messages/{id}`: answers the whole message, the second time too. */
export function messagesDelete(door: Door, { guard, store, clock, ids }: MessagesDeleteDeps): void {
  door.delete("/v1.0/messages/:id", { schema, onRequest: guard.customer }, async (request) => {
    const messageId = readPathId(request.params) as MessageId; // branded: the form was just checked
    const at = clock.now();
    const change = {
      customerId: principalOf(request).customerId,
      messageId,
      at,
      eventId: ids.at(at) as EventId, // branded: just made
    };
    const [message] = await store.deleteMessages([change]);
    if (message === undefined || message === null) throw noSuchMessage();
    return viewMessage(message);
  });
}
