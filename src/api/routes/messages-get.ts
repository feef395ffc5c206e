import type { MessageId } from "../../domain/ids.ts";
import { viewMessage } from "../../domain/message-view.ts";
import type { MessageStore } from "../../store/accepting.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { noSuchMessage } from "../message-records.ts";
import { readPathId } from "../path-id.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

interface MessagesGetDeps {
  readonly guard: Guard;
  readonly store: Pick<MessageStore, "getMessage">;
}

const schema = {
  tags: ["Messages"],
  summary: "Read a message",
  description: "Shows where each of its targets stands.",
  response: answers("The message.", reference("Message")),
};

/** `GET /v1.0/messages/{id}`. */
export function messagesGet(door: Door, { guard, store }: MessagesGetDeps): void {
  door.get("/v1.0/messages/:id", { schema, onRequest: guard.customer }, async (request) => {
    const messageId = readPathId(request.params) as MessageId; // branded: the form was just checked
    const message = await store.getMessage({ customerId: principalOf(request).customerId, messageId });
    if (message === null) throw noSuchMessage();
    return viewMessage(message);
  });
}
