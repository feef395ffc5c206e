import type { Clock } from "../../domain/clock.ts";
import type { AccessKey } from "../../domain/customer.ts";
import type { AccessKeyId, CustomerId, FillRandom, Ids } from "../../domain/ids.ts";
import { addMs } from "../../domain/micros.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import { viewAccessKey } from "../access-key-view.ts";
import { accessKeyStart, hashAccessKey, makeAccessKey } from "../auth/access-key.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import type { InTurn } from "../in-turn.ts";
import { ACCESS_KEYS_PER_CUSTOMER_MAX, PAGE_SIZE_MAX } from "../limits.ts";
import { AccessKeyCreateBody } from "../schemas/access-key.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

interface AccessKeysCreateDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "putAccessKey" | "listAccessKeys">;
  readonly inTurn: InTurn;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly fillRandom: FillRandom;
}

const schema = {
  tags: ["Access keys"],
  summary: "Make an access key",
  description:
    "`token` is the key itself, shown this once. It travels as `Authorization: Bearer`, `?accesskey=` or cookie `accesskey`.",
  body: AccessKeyCreateBody,
  response: answers("The new key.", reference("AccessKey")),
};

/** `POST /v1.0/accesskeys`: a credential for a program. */
export function accessKeysCreate(door: Door, deps: AccessKeysCreateDeps): void {
  const { store, inTurn, clock, ids, fillRandom } = deps;
  door.post("/v1.0/accesskeys", { schema, onRequest: deps.guard.customer }, async (request) => {
    const { customerId } = principalOf(request);
    const { name = "", detail = "", expire = 0 } = request.body;
    const token = makeAccessKey(fillRandom);
    const now = clock.now();
    const key: AccessKey = {
      id: ids.at(now) as AccessKeyId, // branded: just made
      customerId,
      name,
      detail,
      tokenPrefix: accessKeyStart(token),
      tokenHash: hashAccessKey(token),
      tmExpire: expire === 0 ? null : addMs(now, expire * 1_000),
      tmCreate: now,
      tmUpdate: null,
      tmDelete: null,
    };
    await inTurn(customerId, async () => {
      await requireRoom(store, customerId);
      await store.putAccessKey(key);
    });
    return { ...viewAccessKey(key), token };
  });
}

async function requireRoom(store: AccessKeysCreateDeps["store"], customerId: CustomerId): Promise<void> {
  let before: string | null = null;
  for (let seen = 0; seen < ACCESS_KEYS_PER_CUSTOMER_MAX; seen += PAGE_SIZE_MAX) {
    const page: readonly AccessKey[] = await store.listAccessKeys(customerId, {
      before,
      limit: PAGE_SIZE_MAX,
    });
    if (page.length < PAGE_SIZE_MAX) return;
    before = page.at(-1)?.id ?? null;
  }
  const limit = ACCESS_KEYS_PER_CUSTOMER_MAX.toLocaleString("en");
  throw new Refusal("LIMIT_REACHED", `there may be ${limit} access keys at most: delete one first`);
}
