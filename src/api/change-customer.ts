import type { Clock } from "../domain/clock.ts";
import type { Customer, WebhookMethod } from "../domain/customer.ts";
import type { CustomerId } from "../domain/ids.ts";
import { optOutSettingName, renderOptOutSetting } from "../domain/opt-out-setting.ts";
import type { DirectoryStore } from "../store/directory.ts";
import type { Principals } from "./auth/principals.ts";
import { optOutOf, primaryEndpoint, requireCustomer } from "./customer-records.ts";
import { viewCustomer } from "./customer-view.ts";
import { readOptOutSettings } from "./opt-out-settings.ts";
import type { OptOutSettingsText } from "./schemas/opt-out-settings.ts";
import { type InTurn, requireUnchanged } from "./in-turn.ts";
import { changeSettings, mergeSettings } from "./primary-endpoint.ts";
import { type CheckAddress, requireGoodAddress } from "./webhook-address.ts";

/** A change to a customer, by itself or by an administrator; what is left out stays. */
export interface CustomerChange {
  readonly name?: string | undefined;
  readonly detail?: string | undefined;
  readonly email?: string | undefined;
  readonly phone_number?: string | undefined;
  readonly address?: string | undefined;
  readonly webhook_method?: WebhookMethod | undefined;
  readonly webhook_uri?: string | undefined;
  readonly permission_ids?: readonly string[] | undefined;
  readonly opt_out?: OptOutSettingsText | undefined;
  /** Null goes back to the default. */
  readonly retention_days?: number | null | undefined;
  readonly retention_content_days?: number | null | undefined;
}

/** What changing a customer needs. */
export interface ChangeDeps {
  readonly store: Pick<
    DirectoryStore,
    "getCustomer" | "putCustomer" | "listEndpoints" | "putEndpoint" | "getSetting" | "putSetting"
  >;
  readonly inTurn: InTurn;
  readonly clock: Clock;
  readonly principals: Principals;
  readonly checkAddress: CheckAddress;
}

/** Applies a change and answers the customer's view; everything is checked before anything is written. */
export async function changeCustomer(
  { store, inTurn, clock, principals, checkAddress }: ChangeDeps,
  id: CustomerId,
  change: CustomerChange,
): Promise<Record<string, unknown>> {
  await requireGoodAddress(change.webhook_uri ?? "", checkAddress);
  return inTurn(id, async (noteChange) => {
    const before = await requireCustomer(store, id);
    const endpoint = await primaryEndpoint(store, id);
    const now = clock.now();
    const customer: Customer = { ...withChange(before, change), tmUpdate: now };
    const asked = { method: change.webhook_method, uri: change.webhook_uri };
    const changesWebhook = asked.method !== undefined || asked.uri !== undefined;
    const primary =
      endpoint !== null && changesWebhook
        ? changeSettings(endpoint, mergeSettings(endpoint, asked), now)
        : endpoint;
    requireUnchanged(await store.putCustomer(customer, before)); // first: of a customer that is gone nothing else changes
    principals.forget();
    noteChange();
    if (primary !== null && endpoint !== null && primary !== endpoint)
      requireUnchanged(await store.putEndpoint(primary, endpoint));
    if (change.opt_out !== undefined) {
      const settings = renderOptOutSetting(readOptOutSettings(change.opt_out));
      await store.putSetting(optOutSettingName(id), settings);
    }
    return viewCustomer(customer, primary, await optOutOf(store, id));
  });
}

function withChange(customer: Customer, change: CustomerChange): Customer {
  return {
    ...customer,
    name: change.name ?? customer.name,
    detail: change.detail ?? customer.detail,
    email: change.email ?? customer.email,
    phoneNumber: change.phone_number ?? customer.phoneNumber,
    address: change.address ?? customer.address,
    permissionIds: change.permission_ids ?? customer.permissionIds,
    retentionDays: change.retention_days === undefined ? customer.retentionDays : change.retention_days,
    retentionContentDays:
      change.retention_content_days === undefined
        ? customer.retentionContentDays
        : change.retention_content_days,
  };
}
