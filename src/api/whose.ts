import { type CustomerId, isUuid } from "../domain/ids.ts";
import type { Principal } from "./auth/principals.ts";
import type { Parameter } from "./door.ts";
import { Refusal } from "./errors.ts";
import { readParameter } from "./query.ts";

const FIELD = "customer_id";

/** The condition of a list that shows a customer what is theirs and an administrator everybody's. */
export function whoseParameter(description: string): Parameter {
  return { in: "query", name: FIELD, description, schema: { type: "string", format: "uuid" } };
}

/** Whose records are asked for; null for everybody's. */
export function readWhose({ customerId, isAdmin }: Principal, query: unknown): CustomerId | null {
  const asked = readParameter(query, FIELD);
  if (asked === "") return isAdmin ? null : customerId;
  if (!isUuid(asked))
    throw new Refusal("INVALID_REQUEST_PARAMETER", `${FIELD} must be a UUID`, { field: FIELD });
  const whose = asked.toLowerCase() as CustomerId; // branded: the form was just checked
  if (isAdmin || whose === customerId) return whose;
  throw new Refusal("PERMISSION_DENIED", `${FIELD} needs the admin permission`, { field: FIELD });
}
