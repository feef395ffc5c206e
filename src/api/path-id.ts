import { isUuid } from "../domain/ids.ts";
import { Refusal } from "./errors.ts";

/** The id in a path, in the lower case in which ids are stored; what has not the form of one is refused. */
export function readPathId(params: unknown): string {
  const { id } = params as { readonly id: string }; // every route that calls this has `:id` in its path
  if (!isUuid(id)) throw new Refusal("INVALID_ID", "the id in the path must be a UUID", { field: "id" });
  return id.toLowerCase();
}
