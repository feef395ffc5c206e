import type { Customer, WebhookMethod } from "../domain/customer.ts";
import type { Clock } from "../domain/clock.ts";
import type { WebhookEndpoint } from "../domain/endpoint.ts";
import type { CustomerId, EndpointId, FillRandom, Ids } from "../domain/ids.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import { makeWebhookSecret, mergeSettings, newPrimaryEndpoint } from "./primary-endpoint.ts";

/** What is known of a customer before it exists; all but the first two may be left out. */
export interface CustomerWish {
  readonly username: string;
  readonly passwordHash: string;
  readonly name?: string | undefined;
  readonly detail?: string | undefined;
  readonly email?: string | undefined;
  readonly phone_number?: string | undefined;
  readonly address?: string | undefined;
  readonly webhook_method?: WebhookMethod | undefined;
  readonly webhook_uri?: string | undefined;
  readonly permission_ids?: readonly string[] | undefined;
  readonly retention_days?: number | null | undefined;
  readonly retention_content_days?: number | null | undefined;
}

/** The two records of a new customer, not stored yet, and the webhook secret in clear, to be shown once. */
export interface NewCustomer {
  readonly customer: Customer;
  readonly endpoint: WebhookEndpoint;
  readonly webhookSecret: string;
}

interface NewCustomerDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly fillRandom: FillRandom;
  readonly secretBox: SecretBox;
}

/** Makes the records of a new customer; the first administrator is made by it too. */
export function newCustomer(wish: CustomerWish, deps: NewCustomerDeps): NewCustomer {
  const now = deps.clock.now();
  const id = deps.ids.at(now) as CustomerId; // branded: just made
  const webhookSecret = makeWebhookSecret(deps.fillRandom);
  const customer: Customer = {
    id,
    username: wish.username,
    passwordHash: wish.passwordHash,
    name: wish.name ?? "",
    detail: wish.detail ?? "",
    email: wish.email ?? "",
    phoneNumber: wish.phone_number ?? "",
    address: wish.address ?? "",
    permissionIds: wish.permission_ids ?? [],
    tmCredentials: now,
    tmCreate: now,
    tmUpdate: null,
    tmDelete: null,
    retentionDays: wish.retention_days ?? null,
    retentionContentDays: wish.retention_content_days ?? null,
  };
  const settings = mergeSettings(
    { method: "", uri: "" },
    { method: wish.webhook_method, uri: wish.webhook_uri },
  );
  const endpoint = newPrimaryEndpoint({
    ...settings,
    id: deps.ids.at(now) as EndpointId, // branded: just made
    customerId: id,
    sealedSecret: deps.secretBox.seal(webhookSecret),
    now,
  });
  return { customer, endpoint, webhookSecret };
}
