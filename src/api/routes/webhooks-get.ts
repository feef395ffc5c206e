import type { DirectoryStore } from "../../store/directory.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";
import { requireWebhook } from "../webhook-records.ts";
import { viewWebhook } from "../webhook-view.ts";

interface WebhooksGetDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "getEndpoint">;
}

const schema = {
  tags: ["Webhooks"],
  summary: "Read a webhook",
  description: "Shows whether it works, and why it was switched off if it was.",
  response: answers("The webhook.", reference("Webhook")),
};

/** `GET /v1.0/webhooks/{id}`. */
export function webhooksGet(door: Door, { guard, store }: WebhooksGetDeps): void {
  door.get("/v1.0/webhooks/:id", { schema, onRequest: guard.customer }, async (request) =>
    viewWebhook(await requireWebhook(store, principalOf(request).customerId, request.params)),
  );
}
