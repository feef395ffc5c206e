import { Type } from "typebox";
import type { CarrierId, MessageId } from "../../domain/ids.ts";
import type { MessageStore } from "../../store/accepting.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import type { Recount, RecountStore } from "../../store/recounting.ts";
import type { Guard } from "../auth/guard.ts";
import type { CarrierDesk } from "../carrier-desk.ts";
import { carrierNames, removedNames } from "../carrier-names.ts";
import { type Door, principalOf } from "../door.ts";
import { noSuchMessage } from "../message-records.ts";
import { readPathId } from "../path-id.ts";
import { answers } from "../schemas/answers.ts";
import { Time } from "../schemas/time.ts";
import { viewTimeline } from "../timeline.ts";

interface MessagesTimelineDeps {
  readonly guard: Guard;
  readonly store: Pick<MessageStore, "getMessage"> &
    Pick<RecountStore, "recount"> &
    Pick<DirectoryStore, "getSetting">;
  readonly carriers: Pick<CarrierDesk, "list">;
}

const Entry = Type.Object(
  {
    at: Time,
    what: Type.String({
      description:
        "From an open list: accepted, received, sent, refused, retried, throttled, carrier_down, carrier_removed, rerouted, receipt, expired, opted_out, canceled, unknown_outcome, in_flight_at_crash, held, resent, left_out (more than is kept of a long way, between its beginning and its end), event, webhook.",
    }),
    target: Type.Optional(Type.Integer({ description: "Which target, from 0." })),
    carrier: Type.Optional(Type.String({ description: "`removed` for one that is gone." })),
    removed_carrier: Type.Optional(Type.String({ description: "What that one was called, if it is known." })),
    attempt: Type.Optional(Type.Integer({ description: "At this carrier, or of this webhook; from 1." })),
    took_ms: Type.Optional(Type.Number()),
    words: Type.Optional(
      Type.String({ description: "The carrier's own, or why it is held after so many attempts." }),
    ),
    bind: Type.Optional(Type.Integer({ description: "For administrators: over which bind, from 0." })),
    node: Type.Optional(Type.String({ description: "For administrators: the process that had it." })),
    event_id: Type.Optional(Type.String()),
    type: Type.Optional(Type.String()),
    version: Type.Optional(
      Type.Integer({
        description: "Of an event: goes up when it takes in a later change before anybody was told.",
      }),
    ),
    targets: Type.Optional(Type.Array(Type.Integer(), { description: "Of an event; empty for all." })),
    webhook_id: Type.Optional(Type.String()),
    status_code: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
    error: Type.Optional(Type.String()),
  },
  { description: "Which keys there are goes by `what`." },
);

const schema = {
  tags: ["Messages"],
  summary: "Read a message's timeline",
  description:
    "What happened to it, in order: on its way to the carrier, its receipts, its events and webhooks.",
  response: answers("The timeline.", Type.Object({ result: Type.Array(Entry) })),
};

/** `GET /v1.0/messages/{id}/timeline`. */
export function messagesTimeline(door: Door, { guard, store, carriers }: MessagesTimelineDeps): void {
  door.get("/v1.0/messages/:id/timeline", { schema, onRequest: guard.customer }, async (request) => {
    const messageId = readPathId(request.params) as MessageId; // branded: the form was just checked
    const { customerId, isAdmin } = principalOf(request);
    const key = { customerId, messageId };
    const [message, recount] = await Promise.all([store.getMessage(key), store.recount(key)]);
    if (message === null || recount === null) throw noSuchMessage();
    const names = await carrierNames(carriers);
    const nameOf = (id: string): string => names(id as CarrierId); // trails name carriers by their ids
    const removed = await removedNames(store, names, carriersOf(recount));
    const view = { nameOf, removedNames: removed, isAdmin };
    return { result: viewTimeline(message, recount, view) };
  });
}

function carriersOf({ trails }: Recount): readonly CarrierId[] {
  const ids = trails.flatMap(({ trail }) => trail.flatMap(({ carrier }) => carrier ?? []));
  return ids as CarrierId[]; // trails name carriers by their ids
}
