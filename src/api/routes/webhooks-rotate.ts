import type { Clock } from "../../domain/clock.ts";
import type { FillRandom } from "../../domain/ids.ts";
import { formatMicros } from "../../domain/micros.ts";
import type { SecretBox } from "../../domain/secret-box.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { type InTurn, requireUnchanged } from "../in-turn.ts";
import { makeWebhookSecret, rotateSecret } from "../primary-endpoint.ts";
import { answers } from "../schemas/answers.ts";
import { ROTATING_SIGNATURES } from "../schemas/customer.ts";
import { reference } from "../schemas/reference.ts";
import { requireWebhook } from "../webhook-records.ts";

interface WebhooksRotateDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "getEndpoint" | "putEndpoint">;
  readonly inTurn: InTurn;
  readonly clock: Clock;
  readonly fillRandom: FillRandom;
  readonly secretBox: SecretBox;
}

const schema = {
  tags: ["Webhooks"],
  summary: "Replace a webhook's secret",
  description: `The new secret is shown this once. ${ROTATING_SIGNATURES}`,
  response: answers("The new secret.", reference("WebhookSecret")),
};

/** `POST /v1.0/webhooks/{id}/rotate`. */
export function webhooksRotate(door: Door, deps: WebhooksRotateDeps): void {
  const { store, inTurn, clock, fillRandom, secretBox } = deps;
  door.post("/v1.0/webhooks/:id/rotate", { schema, onRequest: deps.guard.customer }, async (request) => {
    const { customerId } = principalOf(request);
    return inTurn(customerId, async () => {
      const endpoint = await requireWebhook(store, customerId, request.params);
      const secret = makeWebhookSecret(fillRandom);
      const rotated = rotateSecret(endpoint, secretBox.seal(secret), clock.now());
      requireUnchanged(await store.putEndpoint(rotated, endpoint));
      return { webhook_secret: secret, tm_retire: formatMicros(rotated.tmSecretRetire) };
    });
  });
}
