import { type Static, Type } from "typebox";
import type { Clock } from "../../domain/clock.ts";
import { type EventId, isUuid } from "../../domain/ids.ts";
import type { Micros } from "../../domain/micros.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import type { RecountStore } from "../../store/recounting.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import { REPLAY_MAX } from "../limits.ts";
import { answers } from "../schemas/answers.ts";
import { WebhookReplayBody } from "../schemas/webhook.ts";
import { readTimeField } from "../time-text.ts";
import { requireWebhook } from "../webhook-records.ts";

interface WebhooksReplayDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "getEndpoint"> & Pick<RecountStore, "replayEvents">;
  readonly clock: Clock;
}

const schema = {
  tags: ["Webhooks"],
  summary: "Replay events",
  description: `Calls the webhook again with these events, or with those of a span of time: at most ${REPLAY_MAX.toLocaleString("en")}, the oldest first, each with the id it always had.`,
  body: WebhookReplayBody,
  response: answers(
    "How many are on their way.",
    Type.Object({
      replayed: Type.Integer({ description: "At the limit there may be more: go on from there." }),
    }),
  ),
};

/** `POST /v1.0/webhooks/{id}/replay`. */
export function webhooksReplay(door: Door, { guard, store, clock }: WebhooksReplayDeps): void {
  door.post("/v1.0/webhooks/:id/replay", { schema, onRequest: guard.customer }, async (request) => {
    const { customerId } = principalOf(request);
    const { id: endpointId, disabledReason } = await requireWebhook(store, customerId, request.params);
    const now = clock.now();
    const which = readWhich(request.body, now);
    if (disabledReason !== null)
      throw new Refusal("WEBHOOK_OFF", `this webhook is switched off: ${disabledReason}`);
    const replayed = await store.replayEvents({ customerId, endpointId, which, now, limit: REPLAY_MAX });
    return { replayed };
  });
}

type Which = readonly EventId[] | { readonly from: Micros; readonly until: Micros };

function readWhich(body: Static<typeof WebhookReplayBody>, now: Micros): Which {
  const { event_ids } = body;
  const from = readTimeField(body.tm_from, "tm_from");
  const until = readTimeField(body.tm_until, "tm_until") ?? now;
  if (event_ids !== undefined && from !== undefined)
    throw refusal("event_ids", "event_ids and a span of time do not go together");
  if (event_ids !== undefined) return readIds(event_ids);
  if (from === undefined) throw refusal("tm_from", "tm_from or event_ids is required");
  if (from >= until) throw refusal("tm_until", "tm_until must be after tm_from");
  return { from, until };
}

function readIds(texts: readonly string[]): readonly EventId[] {
  if (texts.length > REPLAY_MAX)
    throw refusal("event_ids", `event_ids must hold at most ${REPLAY_MAX.toLocaleString("en")} items`);
  const wrong = texts.findIndex((text) => !isUuid(text));
  if (wrong !== -1) throw refusal(`event_ids[${wrong}]`, `event_ids[${wrong}] must be a UUID`);
  return texts.map((text) => text.toLowerCase() as EventId); // branded: the form was just checked
}

function refusal(field: string, message: string): Refusal {
  return new Refusal("INVALID_ARGUMENT", message, { field });
}
