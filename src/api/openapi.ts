import swagger from "@fastify/swagger";
import { EVENT_TYPES } from "../domain/event.ts";
import type { Door, Parameter } from "./door.ts";
import { BODY_MAX_BYTES } from "./limits.ts";
import { AccessKeySchema } from "./schemas/access-key.ts";
import { AddressSchema } from "./schemas/address.ts";
import { CarrierSchema } from "./schemas/carrier.ts";
import { OptOutSchema } from "./schemas/opt-out.ts";
import { WebhookAttemptSchema, WebhookSchema, WebhookTestSchema } from "./schemas/webhook.ts";
import { NumberSchema } from "./schemas/number.ts";
import {
  CustomerSchema,
  LoginSchema,
  MeSchema,
  NewCustomerSchema,
  ROTATING_SIGNATURES,
  WebhookSecretSchema,
} from "./schemas/customer.ts";
import { ErrorSchema } from "./schemas/error.ts";
import { HeldSchema } from "./schemas/held.ts";
import { HandsetMessageSchema } from "./schemas/handset.ts";
import { DryRunSchema, MessageSchema, TargetSchema } from "./schemas/message.ts";

const SHARED = [
  AddressSchema,
  TargetSchema,
  MessageSchema,
  DryRunSchema,
  CustomerSchema,
  NewCustomerSchema,
  WebhookSecretSchema,
  AccessKeySchema,
  MeSchema,
  CarrierSchema,
  HeldSchema,
  NumberSchema,
  WebhookSchema,
  WebhookTestSchema,
  WebhookAttemptSchema,
  OptOutSchema,
  HandsetMessageSchema,
  LoginSchema,
  ErrorSchema,
];

const INTRODUCTION = `Send and receive SMS over the carriers you have a contract with.

Every success is 200 with a JSON object; every error has the same envelope. Times are UTC, \`2022-03-13 15:11:05.235717\`;
\`9999-01-01 00:00:00.000000\` means not set. Unknown fields are ignored.

A body has at most ${BODY_MAX_BYTES.toLocaleString("en")} bytes. Errors 429 and 503 say by \`Retry-After\` in how many seconds to come again.`;

const WEBHOOK = `Sent to each of your webhooks, your account's \`webhook_uri\` the first of them, by its method. \`data\` is the message as
it is when the call is made: a \`message_created\` may show a target that is \`sent\` already. Any 2xx takes it; else it is
tried again for more than a day, with the same \`webhook-id\`. It is signed twice with your secret. As Standard Webhooks say:
\`webhook-signature\` is \`v1,\` with the base64 HMAC-SHA256 of \`webhook-id\`, \`webhook-timestamp\` and the body, joined by
dots; the key is what stands in base64 behind \`whsec_\`. And as VoIPBIN does: \`X-VoIPBIN-Signature\` is \`sha256=\` with the hex
HMAC-SHA256 of the body; the key is the whole text of the secret, \`whsec_\` included. ${ROTATING_SIGNATURES} Check the body as it
came.`;

const ALONE =
  "Alone it changes something only from this server's own page; named in the query or as bearer too, from anywhere.";

/** How a credential may travel; the first one present decides, in this order. */
const securitySchemes = {
  tokenCookie: {
    type: "apiKey",
    in: "cookie",
    name: "token",
    description: `A JWT, set by the login. Where it is present it decides over any other credential. ${ALONE}`,
  },
  token: { type: "apiKey", in: "query", name: "token", description: "A JWT." },
  bearer: { type: "http", scheme: "bearer", description: "A JWT or an access key." },
  accesskeyCookie: {
    type: "apiKey",
    in: "cookie",
    name: "accesskey",
    description: `An access key. ${ALONE}`,
  },
  accesskey: { type: "apiKey", in: "query", name: "accesskey", description: "An access key." },
} as const;

interface DescriptionDeps {
  readonly version: string;
  readonly publicUrl: string | null;
}

/** Starts describing the API: OpenAPI 3.1, made from the schemas of the routes that are added from now on. */
export async function describeApi(door: Door, { version, publicUrl }: DescriptionDeps): Promise<void> {
  for (const schema of SHARED) door.addSchema(schema);
  await door.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "msgbin",
        version,
        description: INTRODUCTION,
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: publicUrl ?? "/" }],
      tags: [
        "Messages",
        "Session",
        "Account",
        "Access keys",
        "Numbers",
        "Webhooks",
        "Administration",
        "Service",
      ].map((name) => ({
        name,
      })),
      components: { securitySchemes },
      security: Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
      webhooks: Object.fromEntries(EVENT_TYPES.map((type) => [type, { post: webhook(type) }])),
    },
    refResolver: { buildLocalReference: ({ $id }) => (typeof $id === "string" ? $id : "") },
    transform: ({ schema, url, route }) => {
      const parameters = route.config?.parameters ?? [];
      const described = {
        ...schema,
        ...asSchema("querystring", parameters),
        ...asSchema("headers", parameters),
      };
      return { schema: described, url };
    },
  });
}

function webhook(type: string) {
  return {
    summary: type,
    description: WEBHOOK,
    requestBody: {
      content: {
        "application/json": {
          schema: {
            type: "object" as const,
            required: ["type", "data"],
            properties: { type: { const: type }, data: { $ref: "#/components/schemas/Message" } },
          },
        },
      },
    },
    responses: { "2XX": { description: "Taken." } },
  };
}

/** Parameters are listed by routes and not validated by schema, since query strings hold text alone. */
function asSchema(
  part: "querystring" | "headers",
  parameters: readonly Parameter[],
): Record<string, unknown> {
  const place = part === "headers" ? "header" : "query";
  const wanted = parameters.filter((parameter) => parameter.in === place);
  if (wanted.length === 0) return {};
  const properties = Object.fromEntries(
    wanted.map(({ name, description, schema }) => [name, { ...schema, description }]),
  );
  const required = wanted.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  return { [part]: { type: "object", properties, required } };
}
