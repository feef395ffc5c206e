import type { DirectoryStore } from "../../store/directory.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import type { InTurn } from "../in-turn.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";
import { requireWebhook } from "../webhook-records.ts";
import { viewWebhook } from "../webhook-view.ts";

interface WebhooksDeleteDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "getEndpoint" | "removeEndpoint">;
  readonly inTurn: InTurn;
}

const schema = {
  tags: ["Webhooks"],
  summary: "Remove a webhook",
  description: "What waits for it is dropped. The account's own cannot be removed: empty its `uri` instead.",
  response: answers("The webhook that was removed.", reference("Webhook")),
};

/** `DELETE /v1.0/webhooks/{id}`. */
export function webhooksDelete(door: Door, { guard, store, inTurn }: WebhooksDeleteDeps): void {
  door.delete("/v1.0/webhooks/:id", { schema, onRequest: guard.customer }, async (request) => {
    const { customerId } = principalOf(request);
    return inTurn(customerId, async () => {
      const endpoint = await requireWebhook(store, customerId, request.params);
      if (endpoint.isPrimary)
        throw new Refusal("RESOURCE_IN_USE", "the account's own webhook stays: set its uri to empty instead");
      await store.removeEndpoint(endpoint.id);
      return viewWebhook(endpoint);
    });
  });
}
