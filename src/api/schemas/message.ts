import { Type } from "typebox";
import { PRIORITY_NAMES } from "../../domain/message.ts";
import { TARGET_STATUSES } from "../../domain/target-status.ts";
import { reference } from "./reference.ts";
import { Time } from "./time.ts";

export const TargetSchema = Type.Object(
  {
    destination: reference("Address"),
    status: Type.String({ enum: [...TARGET_STATUSES], description: "Where this target stands." }),
    parts: Type.Integer({ description: "SMS parts that the text takes; inbound: that came." }),
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
    encoding: Type.Optional(Type.String({ description: "As it was asked for, like the keys that follow." })),
    flash: Type.Optional(Type.Boolean()),
    data: Type.Optional(Type.String({ description: "Binary user data, hex." })),
    udh: Type.Optional(Type.String({ description: "User data header, hex." })),
    priority: Type.Optional(Type.String({ enum: [...PRIORITY_NAMES] })),
    medias: Type.Optional(Type.Array(Type.Object({ type: Type.String(), url: Type.String() }))),
    missing_parts: Type.Optional(
      Type.Array(Type.Integer(), { description: "Inbound: parts that never came, from 1." }),
    ),
    content_removed: Type.Optional(
      Type.Boolean({ description: "Text, data and media are no longer kept: `text` is empty for that." }),
    ),
    tm_schedule: Type.Optional(Time),
    tm_expire: Type.Optional(Time),
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

export const DryRunSchema = Type.Object(
  {
    dry_run: Type.Boolean(),
    type: Type.String({ enum: ["sms", "mms"] }),
    targets: Type.Array(
      Type.Object({
        destination: reference("Address"),
        status: Type.String({ enum: ["queued", "scheduled", "failed"] }),
        parts: Type.Integer(),
        encoding: Type.String({
          enum: ["gsm7", "latin1", "ucs2", "binary8", ""],
          description: "Of the first carrier on its route; empty for an MMS.",
        }),
        route: Type.Optional(
          Type.Array(Type.String(), { description: "For administrators: the carriers, in order." }),
        ),
        error: Type.Optional(
          Type.Object({ code: Type.String(), carrier_code: Type.String(), message: Type.String() }),
        ),
      }),
    ),
  },
  { $id: "DryRun", description: "What would become of a message; nothing was stored." },
);
