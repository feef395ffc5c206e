import type { DirectoryStore } from "../../store/directory.ts";
import { viewAttempt } from "../attempt-view.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";
import { requireWebhook } from "../webhook-records.ts";
import type { TestWebhook } from "../webhook-tester.ts";

interface WebhooksTestDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "getEndpoint">;
  readonly testWebhook: TestWebhook;
}

const schema = {
  tags: ["Webhooks"],
  summary: "Try a webhook",
  description:
    'Calls it once, now, signed as always, with `{"type": "test", "data": {"webhook_id": …, "tm_create": …}}`. A webhook that is switched off is called too, and stays off.',
  response: answers("How the call went.", reference("WebhookTest")),
};

/** `POST /v1.0/webhooks/{id}/test`. */
export function webhooksTest(door: Door, { guard, store, testWebhook }: WebhooksTestDeps): void {
  door.post("/v1.0/webhooks/:id/test", { schema, onRequest: guard.customer }, async (request) => {
    const endpoint = await requireWebhook(store, principalOf(request).customerId, request.params);
    if (endpoint.uri === "" || endpoint.method === "")
      throw new Refusal("WEBHOOK_OFF", "this webhook has no address or no method");
    return viewAttempt(await testWebhook(endpoint));
  });
}
