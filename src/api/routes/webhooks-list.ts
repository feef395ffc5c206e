import { Type } from "typebox";
import type { DirectoryStore } from "../../store/directory.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";
import { viewWebhook } from "../webhook-view.ts";

interface WebhooksListDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "listEndpoints">;
}

const schema = {
  tags: ["Webhooks"],
  summary: "List webhooks",
  description: "The account's own first, then by age.",
  response: answers(
    "All of them.",
    Type.Object({ result: Type.Array(reference("Webhook")), next_page_token: Type.String() }),
  ),
};

/** `GET /v1.0/webhooks`: a customer has a handful, so there are no pages. */
export function webhooksList(door: Door, { guard, store }: WebhooksListDeps): void {
  door.get("/v1.0/webhooks", { schema, onRequest: guard.customer }, async (request) => {
    const endpoints = await store.listEndpoints(principalOf(request).customerId);
    return { result: endpoints.map(viewWebhook), next_page_token: "" };
  });
}
