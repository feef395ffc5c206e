import type { Clock } from "../../domain/clock.ts";
import type { AccessKeyId } from "../../domain/ids.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import { requireAccessKey } from "../access-key-records.ts";
import { viewAccessKey } from "../access-key-view.ts";
import type { Guard } from "../auth/guard.ts";
import type { Principals } from "../auth/principals.ts";
import { type Door, principalOf } from "../door.ts";
import { type InTurn, requireUnchanged } from "../in-turn.ts";
import { readPathId } from "../path-id.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

interface AccessKeysDeleteDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "getAccessKey" | "putAccessKey">;
  readonly inTurn: InTurn;
  readonly clock: Clock;
  readonly principals: Principals;
}

const schema = {
  tags: ["Access keys"],
  summary: "Withdraw an access key",
  response: answers("The deleted key's record.", reference("AccessKey")),
};

/** `DELETE /v1.0/accesskeys/{id}`: the key is good for nothing from now on; again is fine. */
export function accessKeysDelete(door: Door, deps: AccessKeysDeleteDeps): void {
  const { store, inTurn, clock, principals } = deps;
  door.delete("/v1.0/accesskeys/:id", { schema, onRequest: deps.guard.customer }, async (request) => {
    const id = readPathId(request.params) as AccessKeyId; // branded: the form was just checked
    const { customerId } = principalOf(request);
    return inTurn(customerId, async () => {
      const before = await requireAccessKey(store, customerId, id);
      if (before.tmDelete !== null) return viewAccessKey(before);
      const now = clock.now();
      const key = { ...before, tmUpdate: now, tmDelete: now };
      requireUnchanged(await store.putAccessKey(key, before));
      principals.forget();
      return viewAccessKey(key);
    });
  });
}
