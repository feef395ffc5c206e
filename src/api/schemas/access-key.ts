import { Type } from "typebox";
import { ACCESS_KEY_EXPIRE_MAX_SECONDS } from "../limits.ts";
import { Time } from "./time.ts";

const label = {
  name: Type.Optional(Type.String({ maxLength: 255 })),
  detail: Type.Optional(Type.String({ maxLength: 2_000 })),
};

export const AccessKeyUpdateBody = Type.Object(label, { examples: [{ name: "the shop" }] });

export const AccessKeyCreateBody = Type.Object(
  {
    ...label,
    expire: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: ACCESS_KEY_EXPIRE_MAX_SECONDS,
        description: "Seconds until it expires; missing or 0: it does not.",
      }),
    ),
  },
  { examples: [{ name: "the shop", expire: 31_536_000 }] },
);

export const AccessKeySchema = Type.Object(
  {
    id: Type.String({ format: "uuid" }),
    customer_id: Type.String({ format: "uuid" }),
    name: Type.String(),
    detail: Type.String(),
    token: Type.Optional(Type.String({ description: "Only in the answer that creates it." })),
    token_prefix: Type.String({ examples: ["vb_a3Bf9xKm"] }),
    tm_expire: Time,
    tm_create: Time,
    tm_update: Time,
    tm_delete: Time,
  },
  { $id: "AccessKey", description: "A credential for programs." },
);
