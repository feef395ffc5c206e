import type { WebhookEndpoint } from "../domain/endpoint.ts";
import type { DeliveryAttempt } from "../store/announcing.ts";

/** Calls an endpoint once with a signed test event, now, whether it is switched off or not; never throws for what it answers. */
export type TestWebhook = (endpoint: WebhookEndpoint) => Promise<DeliveryAttempt>;
