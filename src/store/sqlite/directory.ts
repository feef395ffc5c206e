import type { CarrierAccount } from "../../domain/carrier-account.ts";
import type { AccessKey, Customer } from "../../domain/customer.ts";
import type { WebhookEndpoint } from "../../domain/endpoint.ts";
import type { Micros } from "../../domain/micros.ts";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import type { DirectoryStore } from "../directory.ts";
import { encodeNewCustomer } from "./add-customer.ts";
import { encodeBefore } from "./still-as-read.ts";
import type { StoreThreads } from "./store-threads.ts";
import { readJson, type Wire } from "./wire.ts";

/** Customers, access keys, endpoints, carriers and settings, on the two threads. */
export function createDirectory({ write, read }: StoreThreads): DirectoryStore {
  async function isWritten(wire: Wire): Promise<boolean> {
    return (await write(wire)).number() === 1;
  }

  function put<T extends { readonly tmUpdate: Micros | null }>(operation: string, record: T, before?: T) {
    return isWritten([operation, JSON.stringify(record), ...encodeBefore(before)]);
  }

  /** The readers of directory-rows.ts made what these two read. */
  async function record<T>(wire: Wire): Promise<T | null> {
    const json = (await read(wire)).textOrNull();
    return json === null ? null : (JSON.parse(json) as T);
  }

  async function records<T>(wire: Wire): Promise<readonly T[]> {
    return readJson(await read(wire)) as T[];
  }

  async function removeEndpoint(id: string): Promise<void> {
    let isMore = await isWritten(["removeEndpoint", id]);
    try {
      while (isMore) isMore = await isWritten(["removeEndpoint", id]);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error; // the endpoint is gone, and claims drop what is left of it
    }
  }

  return {
    addCustomer: (customer, endpoint) => isWritten(encodeNewCustomer(customer, endpoint)),
    putCustomer: (customer, before) => put("putCustomer", customer, before),
    getCustomer: (id) => record<Customer>(["getCustomer", id]),
    findCustomer: (username) => record<Customer>(["findCustomer", username]),
    listCustomers: ({ before, limit }) => records<Customer>(["listCustomers", before, limit]),

    putAccessKey: (key, before) => put("putAccessKey", key, before),
    getAccessKey: (customerId, id) => record<AccessKey>(["getAccessKey", customerId, id]),
    findAccessKey: (tokenHash) => record<AccessKey>(["findAccessKey", tokenHash]),
    listAccessKeys: (customerId, { before, limit }) =>
      records<AccessKey>(["listAccessKeys", customerId, before, limit]),

    putEndpoint: (endpoint, before) => put("putEndpoint", endpoint, before),
    getEndpoint: (id) => record<WebhookEndpoint>(["getEndpoint", id]),
    listEndpoints: (customerId) => records<WebhookEndpoint>(["listEndpoints", customerId]),
    removeEndpoint,

    putCarrier: (carrier, before) => put("putCarrier", carrier, before),
    listCarriers: () => records<CarrierAccount>(["listCarriers"]),
    removeCarrier: (id, force) => isWritten(["removeCarrier", id, force ? 1 : 0]),

    settingOnce: async (name, value) => (await write(["settingOnce", name, value])).text(),
    getSetting: async (name) => (await read(["getSetting", name])).textOrNull(),
    putSetting: async (name, value) => void (await write(["putSetting", name, value])),
  };
}
