import { Type } from "typebox";
import { WEBHOOK_METHODS } from "../../domain/customer.ts";
import { EVENT_TYPES } from "../../domain/event.ts";
import { TARGET_STATUSES } from "../../domain/target-status.ts";
import { WEBHOOK_URI_MAX_CHARACTERS } from "../limits.ts";
import { WebhookSecretText } from "./customer.ts";
import { ListedCustomer } from "./listed-customer.ts";
import { Time } from "./time.ts";

const METHODS = ["POST", "GET", "PUT", "DELETE"] as const;

const wants = {
  events: Type.Optional(
    Type.Array(Type.Enum([...EVENT_TYPES]), {
      maxItems: EVENT_TYPES.length,
      description: "Events it is called for; empty for all.",
    }),
  ),
  statuses: Type.Optional(
    Type.Array(Type.Enum([...TARGET_STATUSES]), {
      maxItems: TARGET_STATUSES.length,
      description:
        "Calls it for `message_updated` only when a changed target has one of these; empty for any.",
    }),
  ),
};

const uri = Type.String({ maxLength: WEBHOOK_URI_MAX_CHARACTERS, description: "`http` or `https`." });

export const WebhookCreateBody = Type.Object(
  {
    uri,
    method: Type.Optional(Type.Enum([...METHODS], { description: "`POST` unless given." })),
    ...wants,
  },
  { examples: [{ uri: "https://example.com/hook", statuses: ["delivered", "failed"] }] },
);

export const WebhookUpdateBody = Type.Object(
  {
    uri: Type.Optional(uri),
    method: Type.Optional(
      Type.Enum([...WEBHOOK_METHODS], {
        description: "Empty only for the account's own webhook: switches it off.",
      }),
    ),
    ...wants,
    status: Type.Optional(
      Type.Enum(["active", "disabled"], {
        description: "`active` switches one on again that was switched off, `disabled` switches it off.",
      }),
    ),
  },
  { examples: [{ status: "active" }] },
);

export const WebhookReplayBody = Type.Object(
  {
    event_ids: Type.Optional(Type.Array(Type.String(), { description: "These events; or a span of time." })),
    tm_from: Type.Optional(Type.String({ description: "Events from this time on …" })),
    tm_until: Type.Optional(Type.String({ description: "… and before this one; now unless given." })),
  },
  { examples: [{ tm_from: "2022-03-13 15:00:00.000000" }] },
);

export const WebhookSchema = Type.Object(
  {
    id: Type.String({ format: "uuid" }),
    customer_id: Type.String({ format: "uuid" }),
    customer: Type.Optional(ListedCustomer),
    is_primary: Type.Boolean({ description: "The one that the account's `webhook_uri` stands for." }),
    uri: Type.String(),
    method: Type.String({ enum: [...WEBHOOK_METHODS] }),
    events: Type.Array(Type.String()),
    statuses: Type.Array(Type.String()),
    status: Type.String({ enum: ["active", "disabled"] }),
    disabled_reason: Type.String({ description: "Why it is switched off; empty while it is on." }),
    webhook_secret: Type.Optional(WebhookSecretText),
    tm_secret_retire: Time,
    tm_failing_since: Time,
    tm_create: Time,
    tm_update: Time,
  },
  {
    $id: "Webhook",
    description:
      "An address that is called with your events. `webhook_secret` is only in the answer that creates it.",
  },
);

export const WebhookTestSchema = Type.Object(
  {
    status_code: Type.Union([Type.Integer(), Type.Null()], { description: "Null when no answer came." }),
    error: Type.String({ description: "Why none came; empty otherwise." }),
    answer: Type.String({ description: "The beginning of the answer's body." }),
    took_ms: Type.Number(),
    tm_create: Time,
  },
  { $id: "WebhookTest", description: "How a call of an address went." },
);

export const WebhookAttemptSchema = Type.Object(
  {
    webhook_id: Type.String({ format: "uuid" }),
    event_id: Type.String({ format: "uuid" }),
    message_id: Type.String({ format: "uuid" }),
    type: Type.String({ enum: [...EVENT_TYPES] }),
    attempt: Type.Integer({ description: "From 1." }),
    ...WebhookTestSchema.properties,
  },
  { $id: "WebhookAttempt", description: "One call of an address with one event." },
);
