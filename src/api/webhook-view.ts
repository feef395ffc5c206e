import type { WebhookEndpoint } from "../domain/endpoint.ts";
import { formatMicros } from "../domain/micros.ts";

/** An endpoint as the API shows it: without its secrets, which are shown once. */
export function viewWebhook(endpoint: WebhookEndpoint): Record<string, unknown> {
  return {
    id: endpoint.id,
    customer_id: endpoint.customerId,
    is_primary: endpoint.isPrimary,
    uri: endpoint.uri,
    method: endpoint.method,
    events: endpoint.events,
    statuses: endpoint.statuses,
    status: endpoint.disabledReason === null ? "active" : "disabled",
    disabled_reason: endpoint.disabledReason ?? "",
    tm_secret_retire: formatMicros(endpoint.tmSecretRetire),
    tm_failing_since: formatMicros(endpoint.tmFailingSince),
    tm_create: formatMicros(endpoint.tmCreate),
    tm_update: formatMicros(endpoint.tmUpdate),
  };
}
