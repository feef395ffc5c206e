import { Type } from "typebox";
import { ADMIN_PERMISSION, WEBHOOK_METHODS } from "../../domain/customer.ts";
import { FOR_EVER, RETENTION_DAYS_MAX } from "../../domain/retention.ts";
import { PASSWORD_MAX_CHARACTERS, WEBHOOK_URI_MAX_CHARACTERS } from "../limits.ts";
import { OptOutSettingsBody } from "./opt-out-settings.ts";
import { reference } from "./reference.ts";
import { Time } from "./time.ts";

/** What a customer may say of itself; a key that is missing stays as it is. */
const profile = {
  name: Type.Optional(Type.String({ maxLength: 255 })),
  detail: Type.Optional(Type.String({ maxLength: 2_000 })),
  email: Type.Optional(Type.String({ maxLength: 320 })),
  phone_number: Type.Optional(Type.String({ maxLength: 64 })),
  address: Type.Optional(Type.String({ maxLength: 1_000 })),
  webhook_method: Type.Optional(
    Type.Enum([...WEBHOOK_METHODS], {
      description: "Empty switches webhooks off; POST when only an address is given.",
    }),
  ),
  webhook_uri: Type.Optional(
    Type.String({ maxLength: WEBHOOK_URI_MAX_CHARACTERS, description: "`http` or `https`; empty for none." }),
  ),
};

const optOut = { opt_out: Type.Optional(OptOutSettingsBody) };

const days = (what: string) =>
  Type.Union([Type.Integer({ minimum: FOR_EVER, maximum: RETENTION_DAYS_MAX }), Type.Null()], {
    description: `${what}; 0 for never, null for what the service does by default.`,
  });

/** How long the customer's messages are kept; administrators decide. */
const retention = {
  retention_days: Type.Optional(days("Days after which a message is removed with everything about it")),
  retention_content_days: Type.Optional(
    days("Days after which a message loses its text, data and media, while the rest of it stays"),
  ),
};

export const PasswordBody = Type.String({ minLength: 1, maxLength: PASSWORD_MAX_CHARACTERS });

const PermissionIds = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
  maxItems: 16,
  description: `\`${ADMIN_PERMISSION}\` makes an administrator.`,
});

const hook = { webhook_method: "POST", webhook_uri: "https://example.com/hook" };

export const CustomerUpdateBody = Type.Object({ ...profile, ...optOut }, { examples: [hook] });

export const CustomersUpdateBody = Type.Object(
  { ...profile, ...optOut, ...retention, permission_ids: Type.Optional(PermissionIds) },
  { examples: [{ name: "Acme", ...hook }] },
);

export const USERNAME_PATTERN = "^[A-Za-z0-9._@+-]+$";

export const CustomersCreateBody = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 100, pattern: USERNAME_PATTERN }),
    password: PasswordBody,
    ...profile,
    ...retention,
    permission_ids: Type.Optional(PermissionIds),
  },
  { examples: [{ username: "acme", password: "…", webhook_uri: "https://example.com/hook" }] },
);

export const CustomerSchema = Type.Object(
  {
    id: Type.String({ format: "uuid" }),
    username: Type.String(),
    name: Type.String(),
    detail: Type.String(),
    email: Type.String(),
    phone_number: Type.String(),
    address: Type.String(),
    webhook_method: Type.String({ enum: [...WEBHOOK_METHODS] }),
    webhook_uri: Type.String(),
    permission_ids: Type.Array(Type.String({ format: "uuid" })),
    opt_out: OptOutSettingsBody,
    ...retention,
    status: Type.String({ enum: ["active", "deleted"] }),
    tm_create: Time,
    tm_update: Time,
    tm_delete: Time,
  },
  { $id: "Customer", description: "A tenant: whoever sends messages on an account of their own." },
);

/** What receivers must know who check signatures. */
export const ROTATING_SIGNATURES =
  "For 24 hours after a rotation `webhook-signature` holds one by the new secret and one by the old, with a space between; `X-VoIPBIN-Signature` is by the new secret alone.";

/** A secret in an answer. */
export const WebhookSecretText = Type.String({
  description: "What webhooks are signed with; shown this once.",
  examples: ["whsec_…"],
});

export const NewCustomerSchema = Type.Object(
  { ...CustomerSchema.properties, webhook_secret: WebhookSecretText },
  { $id: "NewCustomer", description: "A customer at its creation, with the secret of its webhooks." },
);

export const WebhookSecretSchema = Type.Object(
  { webhook_secret: WebhookSecretText, tm_retire: Time },
  { $id: "WebhookSecret", description: "The new secret, and until when the one before it signs as well." },
);

export const LoginSchema = Type.Object(
  { username: Type.String(), token: Type.String({ description: "A JWT, good for seven days." }) },
  { $id: "Login", description: "A fresh token." },
);

export const MeSchema = Type.Object(
  {
    id: Type.String({ format: "uuid" }),
    customer_id: Type.String({ format: "uuid" }),
    username: Type.String(),
    name: Type.String(),
    detail: Type.String(),
    ring_method: Type.String({ description: "Always `ringall`, for VoIPBIN's clients." }),
    status: Type.String({ description: "Always `available`, for VoIPBIN's clients." }),
    permission: Type.Integer({ description: "65535 for an administrator, else 32." }),
    permission_ids: Type.Array(Type.String({ format: "uuid" })),
    tag_ids: Type.Array(Type.String()),
    addresses: Type.Array(reference("Address")),
    direct_hash: Type.String({ description: "Always empty, for VoIPBIN's clients." }),
    tm_create: Time,
    tm_update: Time,
    tm_delete: Time,
  },
  { $id: "Me", description: "Whose credential this is." },
);
