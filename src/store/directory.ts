import type { CarrierAccount } from "../domain/carrier-account.ts";
import type { AccessKey, Customer } from "../domain/customer.ts";
import type { WebhookEndpoint } from "../domain/endpoint.ts";
import type { AccessKeyId, CarrierId, CustomerId, EndpointId } from "../domain/ids.ts";

/** Newest first, strictly older than the record with id `before`; null from the newest. Deleted records are not listed. */
export interface PageQuery {
  readonly before: string | null;
  readonly limit: number;
}

/**
 * The slow-changing records. Writes are durable when they resolve; `put` inserts or replaces by id. With `before`, the record
 * as it was read, it replaces that alone: false when the record is gone or its `tmUpdate` is another by now, and nothing was
 * written. So no change that another process made meanwhile is undone; a change brings a new `tmUpdate`.
 */
export interface DirectoryStore {
  /** Writes a new customer and its own endpoint; false when another that is not deleted has the username: neither was written. */
  addCustomer(customer: Customer, endpoint: WebhookEndpoint): Promise<boolean>;
  /** False when another customer that is not deleted has the username: nothing was written. */
  putCustomer(customer: Customer, before?: Customer): Promise<boolean>;
  /** Deleted customers are found too: `tmDelete` tells. */
  getCustomer(id: CustomerId): Promise<Customer | null>;
  findCustomer(username: string): Promise<Customer | null>;
  listCustomers(page: PageQuery): Promise<readonly Customer[]>;

  putAccessKey(key: AccessKey, before?: AccessKey): Promise<boolean>;
  getAccessKey(customerId: CustomerId, id: AccessKeyId): Promise<AccessKey | null>;
  /** Deleted and expired keys are found too. */
  findAccessKey(tokenHash: string): Promise<AccessKey | null>;
  listAccessKeys(customerId: CustomerId, page: PageQuery): Promise<readonly AccessKey[]>;

  putEndpoint(endpoint: WebhookEndpoint, before?: WebhookEndpoint): Promise<boolean>;
  getEndpoint(id: EndpointId): Promise<WebhookEndpoint | null>;
  /** The primary one first, then by age. */
  listEndpoints(customerId: CustomerId): Promise<readonly WebhookEndpoint[]>;
  /** Its deliveries that are not done go with it: those that cannot at this moment, when somebody claims them. */
  removeEndpoint(id: EndpointId): Promise<void>;

  /** False, too, when another carrier has the name: nothing was written. */
  putCarrier(carrier: CarrierAccount, before?: CarrierAccount): Promise<boolean>;
  listCarriers(): Promise<readonly CarrierAccount[]>;
  /**
   * False when targets are still queued at it or wait for its receipts and `force` is not set: nothing was removed. What is
   * left at one that was, or comes there later, is told by `leftoverCarriers`.
   */
  removeCarrier(id: CarrierId, force: boolean): Promise<boolean>;

  /** Keeps `value` under `name` unless one is there, and answers the one that is there now: all processes agree on the first. */
  settingOnce(name: string, value: string): Promise<string>;
  getSetting(name: string): Promise<string | null>;
  putSetting(name: string, value: string): Promise<void>;
}
