import { Type } from "typebox";
import { TARGET_STATUSES } from "../../domain/target-status.ts";
import { reference } from "./reference.ts";
import { Time } from "./time.ts";

export const TargetSchema = Type.Object(
  {
    destination: reference("Address"),
    status: Type.String({ enum: [...TARGET_STATUSES], description: "Where this target stands." }),
    parts: Type.Integer({ description: "SMS parts that the text takes." }),
    error: Type.Optional(
      Type.Object(
        {
          code: Type.String({ description: "From an open list.", examples: ["unreachable"] }),
          carrier_code: Type.String({ description: "The carrier's own code, empty when there is none." }),
          message: Type.String(),
        },
        { description: "Only on a target that failed." },
      ),
    ),
    tm_update: Time,
  },
  { $id: "Target", description: "One destination of a message." },
);

export const MessageSchema = Type.Object(
  {
    id: Type.String({ format: "uuid" }),
    customer_id: Type.String({ format: "uuid" }),
    type: Type.String({ enum: ["sms", "mms"] }),
    source: reference("Address"),
    targets: Type.Array(reference("Target")),
    text: Type.String(),
    direction: Type.String({ enum: ["outbound", "inbound"] }),
    tm_create: Time,
    tm_update: Time,
    tm_delete: Time,
  },
  {
    $id: "Message",
    description:
      "A message with one target for each destination. Further keys appear only where they say something.",
  },
);
