import { Type } from "typebox";
import { ListedCustomer } from "./listed-customer.ts";
import { OptOutSettingsBody } from "./opt-out-settings.ts";
import { Time } from "./time.ts";

const label = {
  name: Type.Optional(Type.String({ maxLength: 255 })),
  detail: Type.Optional(Type.String({ maxLength: 2_000 })),
  opt_out: Type.Optional(OptOutSettingsBody),
  customer_id: Type.Optional(
    Type.String({ format: "uuid", description: "Whose it is to be; for administrators only." }),
  ),
};

export const NumberUpdateBody = Type.Object(label, { examples: [{ name: "Support" }] });

export const NumberCreateBody = Type.Object(
  {
    number: Type.String({ maxLength: 64, examples: ["+14155551234"] }),
    type: Type.Optional(
      Type.Enum(["normal", "virtual"], {
        description: "`normal` unless given; a `virtual` one begins with +899.",
      }),
    ),
    ...label,
  },
  { examples: [{ number: "+14155551234", name: "Support" }] },
);

export const NumberSchema = Type.Object(
  {
    id: Type.String({ format: "uuid" }),
    customer_id: Type.String({ format: "uuid" }),
    customer: Type.Optional(ListedCustomer),
    number: Type.String({ examples: ["+14155551234"] }),
    type: Type.String({ enum: ["normal", "virtual"] }),
    call_flow_id: Type.String({ description: "For VoIPBIN's clients; always the empty id." }),
    message_flow_id: Type.String({ description: "For VoIPBIN's clients; always the empty id." }),
    name: Type.String(),
    detail: Type.String(),
    status: Type.String({ enum: ["active", "deleted"] }),
    opt_out: OptOutSettingsBody,
    tm_create: Time,
    tm_update: Time,
    tm_delete: Time,
  },
  {
    $id: "Number",
    description:
      "A number of yours: what handsets write to it is yours, and nobody else sends from it if it is an international one. `opt_out` is null while it is as your account has it.",
  },
);
