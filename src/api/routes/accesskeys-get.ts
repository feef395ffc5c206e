import type { AccessKeyId } from "../../domain/ids.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import { noSuchAccessKey, requireAccessKey } from "../access-key-records.ts";
import { viewAccessKey } from "../access-key-view.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { readPathId } from "../path-id.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

interface AccessKeysGetDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "getAccessKey">;
}

const schema = {
  tags: ["Access keys"],
  summary: "Read an access key",
  response: answers("The key's record.", reference("AccessKey")),
};

/** `GET /v1.0/accesskeys/{id}`. */
export function accessKeysGet(door: Door, { guard, store }: AccessKeysGetDeps): void {
  door.get("/v1.0/accesskeys/:id", { schema, onRequest: guard.customer }, async (request) => {
    const id = readPathId(request.params) as AccessKeyId; // branded: the form was just checked
    const key = await requireAccessKey(store, principalOf(request).customerId, id);
    if (key.tmDelete !== null) throw noSuchAccessKey();
    return viewAccessKey(key);
  });
}
