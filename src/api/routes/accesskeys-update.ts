import type { Clock } from "../../domain/clock.ts";
import type { AccessKeyId } from "../../domain/ids.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import { noSuchAccessKey, requireAccessKey } from "../access-key-records.ts";
import { viewAccessKey } from "../access-key-view.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { type InTurn, requireUnchanged } from "../in-turn.ts";
import { readPathId } from "../path-id.ts";
import { AccessKeyUpdateBody } from "../schemas/access-key.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

interface AccessKeysUpdateDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "getAccessKey" | "putAccessKey">;
  readonly inTurn: InTurn;
  readonly clock: Clock;
}

const schema = {
  tags: ["Access keys"],
  summary: "Rename an access key",
  body: AccessKeyUpdateBody,
  response: answers("The key's record as it is now.", reference("AccessKey")),
};

/** `PUT /v1.0/accesskeys/{id}`: its name and detail. */
export function accessKeysUpdate(door: Door, { guard, store, inTurn, clock }: AccessKeysUpdateDeps): void {
  door.put("/v1.0/accesskeys/:id", { schema, onRequest: guard.customer }, async (request) => {
    const id = readPathId(request.params) as AccessKeyId; // branded: the form was just checked
    const { customerId } = principalOf(request);
    return inTurn(customerId, async () => {
      const before = await requireAccessKey(store, customerId, id);
      if (before.tmDelete !== null) throw noSuchAccessKey();
      const { name = before.name, detail = before.detail } = request.body;
      const key = { ...before, name, detail, tmUpdate: clock.now() };
      requireUnchanged(await store.putAccessKey(key, before));
      return viewAccessKey(key);
    });
  });
}
