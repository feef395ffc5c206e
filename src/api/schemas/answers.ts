import type { TSchema } from "typebox";
import { Type } from "typebox";
import { reference, type SchemaName } from "./reference.ts";

/** The answers of a route for the API's description: what 200 holds, and the error envelope for all else. */
export function answers(description: string, schema: TSchema): Readonly<Record<string, unknown>> {
  return {
    200: { description, content: { "application/json": { schema } } },
    "4xx": {
      description: "Refused: the reason says why.",
      content: { "application/json": { schema: reference("Error") } },
    },
    "5xx": {
      description:
        "Failed here: try again later. Nothing was changed, unless the message says that a part was, or that nobody knows.",
      content: { "application/json": { schema: reference("Error") } },
    },
  };
}

/** One page of a list. */
export function pageOf(name: SchemaName): TSchema {
  return Type.Object({
    result: Type.Array(reference(name)),
    next_page_token: Type.String({ description: "Give it back as `page_token`; empty on the last page." }),
  });
}
