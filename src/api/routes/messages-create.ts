import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { Accept } from "../../accept/accept.ts";
import type { Rejection, RejectionReason } from "../../accept/accept-request.ts";
import type { Message } from "../../domain/message.ts";
import { viewMessage } from "../../domain/message-view.ts";
import type { Guard } from "../auth/guard.ts";
import type { CarrierDesk } from "../carrier-desk.ts";
import { carrierNames } from "../carrier-names.ts";
import { type Door, type Parameter, principalOf } from "../door.ts";
import { type Reason, Refusal } from "../errors.ts";
import { type IdempotentRequest, readIdempotency } from "../idempotency.ts";
import { readOptions } from "../message-options.ts";
import { viewPreview } from "../preview-view.ts";
import { readFlag } from "../query.ts";
import { answers } from "../schemas/answers.ts";
import { MessageBody } from "../schemas/message-body.ts";
import { reference } from "../schemas/reference.ts";

interface MessagesCreateDeps {
  readonly guard: Guard;
  readonly accept: Accept;
  readonly carriers: Pick<CarrierDesk, "list">;
}

const schema = {
  tags: ["Messages"],
  summary: "Send a message",
  description:
    "200 means that the message is on stable storage and will be sent; where each target stands is told by webhook, and by reading the message.",
  body: MessageBody,
  response: answers(
    "The message, its targets queued; or with `dry_run` what would become of it.",
    Type.Union([reference("Message"), reference("DryRun")]),
  ),
};

const parameters: readonly Parameter[] = [
  {
    in: "header",
    name: "Idempotency-Key",
    description:
      "Makes it safe to send the request again: for 24 hours the same key and body get the first answer, marked `Idempotency-Replayed: true`.",
    schema: { type: "string", pattern: "^[A-Za-z0-9_:.-]{1,255}$" },
  },
  {
    in: "query",
    name: "dry_run",
    description: "`true` checks, routes and counts the message and stores nothing.",
    schema: { type: "boolean", default: false },
  },
];

const REASON_OF: { readonly [reason in RejectionReason]: Reason } = {
  invalid_argument: "INVALID_ARGUMENT",
  route_not_found: "NO_ROUTE",
  idempotency_key_in_use: "IDEMPOTENCY_KEY_IN_USE",
  idempotency_key_reused: "IDEMPOTENCY_KEY_REUSED",
};

const JSON_TYPE = "application/json; charset=utf-8";

/** `POST /v1.0/messages`: the answer is written once, by whoever accepts, and goes out as it stands. */
export function messagesCreate(door: Door, { guard, accept, carriers }: MessagesCreateDeps): void {
  const options = { schema, onRequest: guard.customer, config: { parameters } };
  door.post("/v1.0/messages", options, async (request, reply) => {
    const { source, destinations, text = "" } = request.body;
    const { customerId, isAdmin } = principalOf(request);
    const wish = { customerId, source, destinations, text, options: readOptions(request.body) };
    if (readFlag(request.query, "dry_run")) {
      const preview = await accept.preview(wish);
      if (preview.kind === "rejected") throw refusalOf(preview);
      return viewPreview(preview, isAdmin ? await carrierNames(carriers) : null);
    }
    const idempotency = idempotencyOf(request);
    const result = await accept.accept({ ...wish, ...(idempotency !== null && { idempotency }), render });
    if (result.kind === "rejected") throw refusalOf(result);
    if (result.kind === "replayed") reply.header("idempotency-replayed", "true");
    return reply.type(JSON_TYPE).send(result.answer);
  });
}

function refusalOf({ reason, message, field }: Rejection): Refusal {
  return new Refusal(REASON_OF[reason], message, { field: field ?? undefined });
}

function render(message: Message): string {
  return JSON.stringify(viewMessage(message));
}

function idempotencyOf({ method, url, headers, bodyBytes }: FastifyRequest): IdempotentRequest | null {
  const header = headers["idempotency-key"];
  if (header === undefined || bodyBytes === null) return null;
  return readIdempotency(header, { method, url, body: bodyBytes });
}
