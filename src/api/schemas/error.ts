import { Type } from "typebox";
import { REASONS } from "../errors.ts";

const statuses = [...new Set(Object.values(REASONS).map(({ status }) => status))];
const reasons = [
  ...new Set(Object.entries(REASONS).map(([reason, meaning]) => ("wire" in meaning ? meaning.wire : reason))),
];

export const ErrorSchema = Type.Object(
  {
    error: Type.Object({
      status: Type.String({ enum: statuses }),
      reason: Type.String({
        description: `One of an open list: ${reasons.join(", ")}.`,
        examples: ["INVALID_ARGUMENT"],
      }),
      message: Type.String({ description: "A sentence for people." }),
      request_id: Type.String({ description: "Also in `X-Request-Id`.", examples: ["req_9F2C0A7B11E40001"] }),
      details: Type.Array(Type.Object({ field: Type.String(), message: Type.String() })),
    }),
  },
  { $id: "Error", description: "The envelope of every error." },
);
