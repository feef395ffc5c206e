import type { Customer } from "../domain/customer.ts";
import type { WebhookEndpoint } from "../domain/endpoint.ts";
import { formatMicros } from "../domain/micros.ts";
import type { OptOutSettings } from "../domain/owned-number.ts";
import { viewOptOutSettings } from "./opt-out-settings.ts";

/** A customer as the API shows it; its webhook settings stand in its primary endpoint, its opt-out settings by themselves. */
export function viewCustomer(
  customer: Customer,
  primary: WebhookEndpoint | null,
  optOut: OptOutSettings | null,
): Record<string, unknown> {
  return {
    id: customer.id,
    username: customer.username,
    name: customer.name,
    detail: customer.detail,
    email: customer.email,
    phone_number: customer.phoneNumber,
    address: customer.address,
    webhook_method: primary?.method ?? "",
    webhook_uri: primary?.uri ?? "",
    permission_ids: customer.permissionIds,
    opt_out: viewOptOutSettings(optOut),
    retention_days: customer.retentionDays,
    retention_content_days: customer.retentionContentDays,
    status: customer.tmDelete === null ? "active" : "deleted",
    tm_create: formatMicros(customer.tmCreate),
    tm_update: formatMicros(customer.tmUpdate),
    tm_delete: formatMicros(customer.tmDelete),
  };
}
