import type { AccessKey } from "../domain/customer.ts";
import { formatMicros } from "../domain/micros.ts";

/** An access key as the API shows it: without the key itself, which is kept nowhere. */
export function viewAccessKey(key: AccessKey): Record<string, unknown> {
  return {
    id: key.id,
    customer_id: key.customerId,
    name: key.name,
    detail: key.detail,
    token_prefix: key.tokenPrefix,
    tm_expire: formatMicros(key.tmExpire),
    tm_create: formatMicros(key.tmCreate),
    tm_update: formatMicros(key.tmUpdate),
    tm_delete: formatMicros(key.tmDelete),
  };
}
