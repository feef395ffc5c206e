import type { Customer } from "../domain/customer.ts";
import type { WebhookEndpoint } from "../domain/endpoint.ts";
import type { CustomerId } from "../domain/ids.ts";
import { optOutSettingName, parseOptOutSetting } from "../domain/opt-out-setting.ts";
import type { OptOutSettings } from "../domain/owned-number.ts";
import type { DirectoryStore } from "../store/directory.ts";
import { Refusal } from "./errors.ts";

/** The customer with this id; one that is unknown or deleted ends the request. */
export async function requireCustomer(
  store: Pick<DirectoryStore, "getCustomer">,
  id: CustomerId,
): Promise<Customer> {
  const customer = await store.getCustomer(id);
  if (customer === null || customer.tmDelete !== null) throw noSuchCustomer();
  return customer;
}

/** What opt-out keywords do at all of the customer's numbers; null when it says nothing about that. */
export async function optOutOf(
  store: Pick<DirectoryStore, "getSetting">,
  id: CustomerId,
): Promise<OptOutSettings | null> {
  return parseOptOutSetting(await store.getSetting(optOutSettingName(id)));
}

/** The refusal for a customer that is not there. */
export function noSuchCustomer(): Refusal {
  return new Refusal("RESOURCE_NOT_FOUND", "there is no such customer");
}

/** The endpoint that stands for the customer's own webhook settings; null when it was removed. */
export async function primaryEndpoint(
  store: Pick<DirectoryStore, "listEndpoints">,
  id: CustomerId,
): Promise<WebhookEndpoint | null> {
  const [first] = await store.listEndpoints(id); // the port lists the primary one first
  return first?.isPrimary === true ? first : null;
}
