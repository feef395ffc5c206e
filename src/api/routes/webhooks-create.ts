import type { Clock } from "../../domain/clock.ts";
import type { WebhookEndpoint } from "../../domain/endpoint.ts";
import type { EndpointId, FillRandom, Ids } from "../../domain/ids.ts";
import type { SecretBox } from "../../domain/secret-box.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import type { InTurn } from "../in-turn.ts";
import { WEBHOOKS_PER_CUSTOMER_MAX } from "../limits.ts";
import { makeWebhookSecret, newEndpoint } from "../primary-endpoint.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";
import { WebhookCreateBody } from "../schemas/webhook.ts";
import { type CheckAddress, requireGoodAddress } from "../webhook-address.ts";
import { viewWebhook } from "../webhook-view.ts";

interface WebhooksCreateDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "listEndpoints" | "putEndpoint">;
  readonly inTurn: InTurn;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly fillRandom: FillRandom;
  readonly secretBox: SecretBox;
  readonly checkAddress: CheckAddress;
}

const schema = {
  tags: ["Webhooks"],
  summary: "Add a webhook",
  description:
    "It is called for what happens from now on. The answer holds `webhook_secret`, shown this once.",
  body: WebhookCreateBody,
  response: answers("The new webhook.", reference("Webhook")),
};

/** `POST /v1.0/webhooks`: one more address for the customer's events. */
export function webhooksCreate(door: Door, deps: WebhooksCreateDeps): void {
  const { store, inTurn, clock, ids } = deps;
  door.post("/v1.0/webhooks", { schema, onRequest: deps.guard.customer }, async (request) => {
    const { uri, method = "POST", events = [], statuses = [] } = request.body;
    const { customerId } = principalOf(request);
    if (uri === "") throw new Refusal("INVALID_ARGUMENT", "uri must not be empty", { field: "uri" });
    await requireGoodAddress(uri, deps.checkAddress, "uri");
    const secret = makeWebhookSecret(deps.fillRandom);
    const now = clock.now();
    const id = ids.at(now) as EndpointId; // branded: just made
    const sealedSecret = deps.secretBox.seal(secret);
    const plain = newEndpoint({ id, customerId, isPrimary: false, uri, method, sealedSecret, now });
    const endpoint: WebhookEndpoint = { ...plain, events, statuses };
    await inTurn(customerId, async () => {
      if ((await store.listEndpoints(customerId)).length >= WEBHOOKS_PER_CUSTOMER_MAX) throw noRoom();
      await store.putEndpoint(endpoint);
    });
    return { ...viewWebhook(endpoint), webhook_secret: secret };
  });
}

function noRoom(): Refusal {
  return new Refusal(
    "LIMIT_REACHED",
    `there may be ${WEBHOOKS_PER_CUSTOMER_MAX} webhooks at most: remove one first`,
  );
}
