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

interface MessagesResendDeps {
  readonly guard: Guard;
  readonly store: Pick<MessageDeskStore, "resendMessages">;
  readonly clock: Clock;
  readonly ids: Ids;
}

const schema = {
  tags: ["Messages"],
  summary: "Send a held message once more",
  description:
    "Sends those of its targets once more that are held, because nobody knows whether the carrier took them: a handset may get the text twice. The timeline tells which are `held` and which were `resent`.",
  response: answers(`The message. ${TARGETS_CHANGED_WORDS}`, reference("Message")),
};

/** `POST /v1.0/messages/{id}/resend`: doing it again is fine. */
export function messagesResend(door: Door, { guard, store, clock, ids }: MessagesResendDeps): void {
  door.post("/v1.0/messages/:id/resend", { schema, onRequest: guard.customer }, async (request, reply) => {
    const messageId = readPathId(request.params) as MessageId; // branded: the form was just checked
    const { customerId } = principalOf(request);
    const at = clock.now();
    const eventId = ids.at(at) as EventId; // branded: just made
    const [resending] = await store.resendMessages([{ customerId, messageId, at, eventId }]);
    if (resending === undefined || resending === null) throw noSuchMessage();
    noteTargetsChanged(reply, resending.resent);
    return viewMessage(resending.message);
  });
}
