import type { TestWebhook } from "../api/webhook-tester.ts";
import type { Clock } from "../domain/clock.ts";
import type { Ids } from "../domain/ids.ts";
import { formatMicros, MICROS_PER_MS, MICROS_PER_SECOND } from "../domain/micros.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import type { GuardedClient } from "../outbound-http/guarded-client.ts";
import { recordOf } from "../webhooks/attempt-record.ts";
import { toReceiver } from "../webhooks/receiver.ts";
import { signatureHeaders } from "../webhooks/signature.ts";

interface TestWebhookDeps {
  readonly client: Pick<GuardedClient, "request">;
  readonly secrets: SecretBox;
  readonly allowPrivate: boolean;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Makes the call that lets a customer try an endpoint: signed and guarded as every other one, and logged nowhere. */
export function createTestWebhook(deps: TestWebhookDeps): TestWebhook {
  const { client, secrets, allowPrivate, clock, ids } = deps;
  return async (endpoint) => {
    const at = clock.now();
    const receiver = toReceiver({ ...endpoint, disabledReason: null }, at, secrets, allowPrivate);
    if (receiver.kind !== "callable")
      return { at, tookMs: 0, statusCode: null, error: receiver.reason, answer: "" };
    const data = { webhook_id: endpoint.id, tm_create: formatMicros(at) };
    const body = Buffer.from(JSON.stringify({ type: "test", data }));
    const signature = signatureHeaders(receiver.keys, ids.at(at), Math.floor(at / MICROS_PER_SECOND), body);
    const outcome = await client.request({
      url: receiver.url,
      method: receiver.method,
      headers: ["content-type", "application/json", "user-agent", "msgbin", ...signature],
      body,
      lane: `test ${endpoint.id}`,
    });
    return recordOf(outcome, at, Math.floor((clock.now() - at) / MICROS_PER_MS));
  };
}
