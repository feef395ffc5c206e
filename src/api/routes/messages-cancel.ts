import type { Clock } from "../../domain/clock.ts";
import type { EventId, Ids, MessageId } from "../../domain/ids.ts";
import { viewMessage } from "../../domain/message-view.ts";
import type { MessageDeskStore } from "../../store/accepting.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { noSuchMessage } from "../message-records.ts";
import { readPathId } from "../path-id.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";
import { noteTargetsChanged, TARGETS_CHANGED_WORDS } from "../targets-changed.ts";

interface MessagesCancelDeps {
  readonly guard: Guard;
  readonly store: Pick<MessageDeskStore, "cancelMessages">;
  readonly clock: Clock;
  readonly ids: Ids;
}

const schema = {
  tags: ["Messages"],
  summary: "Cancel a message",
  description:
    "Stops those of its targets that are still queued, scheduled or held; what has been sent stays sent, and what was held may have been. The answer shows what became of each.",
  response: answers(`The message as it is now. ${TARGETS_CHANGED_WORDS}`, reference("Message")),
};

/** `POST /v1.0/messages/{id}/cancel`: doing it again is fine. */
export function messagesCancel(door: Door, { guard, store, clock, ids }: MessagesCancelDeps): void {
  door.post("/v1.0/messages/:id/cancel", { schema, onRequest: guard.customer }, async (request, reply) => {
    const messageId = readPathId(request.params) as MessageId; // branded: the form was just checked
    const { customerId } = principalOf(request);
    const at = clock.now();
    const eventId = ids.at(at) as EventId; // branded: just made
    const [cancellation] = await store.cancelMessages([{ customerId, messageId, at, eventId }]);
    if (cancellation === undefined || cancellation === null) throw noSuchMessage();
    noteTargetsChanged(reply, cancellation.canceled);
    return viewMessage(cancellation.message);
  });
}
