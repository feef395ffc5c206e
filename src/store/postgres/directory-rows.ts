import type { CarrierAccount } from "../../domain/carrier-account.ts";
import type { AccessKey, Customer, WebhookMethod } from "../../domain/customer.ts";
import type { WebhookEndpoint } from "../../domain/endpoint.ts";
import type { EventType } from "../../domain/event.ts";
import type { AccessKeyId, CarrierId, CustomerId, EndpointId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { TargetStatus } from "../../domain/target-status.ts";
import { EVENT_BITS, statusBits } from "./column-codes.ts";
import type { Value } from "./connection.ts";
import { timeOrNull } from "./message-rows.ts";

/** The columns of each directory table, in the order of the values below. */
export const CUSTOMER_COLUMNS =
  "customer_id, username, password_hash, name, detail, email, phone_number, address, permission_ids, tm_credentials, tm_create, tm_update, tm_delete, retention_days, retention_content_days";
export const ACCESS_KEY_COLUMNS =
  "customer_id, access_key_id, name, detail, token_prefix, token_hash, tm_expire, tm_create, tm_update, tm_delete";
export const ENDPOINT_COLUMNS =
  "endpoint_id, customer_id, is_primary, uri, method, events, statuses, sealed_secrets, tm_secret_retire, disabled_reason, tm_failing_since, tm_create, tm_update, event_mask, status_mask";
export const CARRIER_COLUMNS = "carrier_id, name, kind, sealed_url, tm_create, tm_update";

export interface CustomerRow {
  readonly customer_id: string;
  readonly username: string;
  readonly password_hash: string;
  readonly name: string;
  readonly detail: string;
  readonly email: string;
  readonly phone_number: string;
  readonly address: string;
  readonly permission_ids: string;
  readonly tm_credentials: number;
  readonly tm_create: number;
  readonly tm_update: number | null;
  readonly tm_delete: number | null;
  readonly retention_days: number | null;
  readonly retention_content_days: number | null;
}

export function customerValues(customer: Customer): Value[] {
  const { id, username, passwordHash, name, detail, email, phoneNumber, address, permissionIds } = customer;
  const words = [
    username,
    passwordHash,
    name,
    detail,
    email,
    phoneNumber,
    address,
    JSON.stringify(permissionIds),
  ];
  const times = [customer.tmCredentials, customer.tmCreate, customer.tmUpdate, customer.tmDelete];
  return [id, ...words, ...times, customer.retentionDays, customer.retentionContentDays];
}

export function customerOf(row: CustomerRow): Customer {
  return {
    id: row.customer_id as CustomerId, // a customer_id column
    username: row.username,
    passwordHash: row.password_hash,
    name: row.name,
    detail: row.detail,
    email: row.email,
    phoneNumber: row.phone_number,
    address: row.address,
    permissionIds: JSON.parse(row.permission_ids) as string[], // only customerValues writes it
    tmCredentials: micros(row.tm_credentials),
    tmCreate: micros(row.tm_create),
    tmUpdate: timeOrNull(row.tm_update),
    tmDelete: timeOrNull(row.tm_delete),
    retentionDays: row.retention_days,
    retentionContentDays: row.retention_content_days,
  };
}

export interface AccessKeyRow {
  readonly customer_id: string;
  readonly access_key_id: string;
  readonly name: string;
  readonly detail: string;
  readonly token_prefix: string;
  readonly token_hash: string;
  readonly tm_expire: number | null;
  readonly tm_create: number;
  readonly tm_update: number | null;
  readonly tm_delete: number | null;
}

export function accessKeyValues(key: AccessKey): Value[] {
  const { customerId, id, name, detail, tokenPrefix, tokenHash } = key;
  const words = [customerId, id, name, detail, tokenPrefix, tokenHash];
  return [...words, key.tmExpire, key.tmCreate, key.tmUpdate, key.tmDelete];
}

export function accessKeyOf(row: AccessKeyRow): AccessKey {
  return {
    id: row.access_key_id as AccessKeyId, // an access_key_id column
    customerId: row.customer_id as CustomerId, // a customer_id column
    name: row.name,
    detail: row.detail,
    tokenPrefix: row.token_prefix,
    tokenHash: row.token_hash,
    tmExpire: timeOrNull(row.tm_expire),
    tmCreate: micros(row.tm_create),
    tmUpdate: timeOrNull(row.tm_update),
    tmDelete: timeOrNull(row.tm_delete),
  };
}

export interface EndpointRow {
  readonly endpoint_id: string;
  readonly customer_id: string;
  readonly is_primary: boolean;
  readonly uri: string;
  readonly method: string;
  readonly events: string;
  readonly statuses: string;
  readonly sealed_secrets: string;
  readonly tm_secret_retire: number | null;
  readonly disabled_reason: string | null;
  readonly tm_failing_since: number | null;
  readonly tm_create: number;
  readonly tm_update: number | null;
}

export function endpointValues(endpoint: WebhookEndpoint): Value[] {
  const { id, customerId, isPrimary, uri, method, events, statuses, sealedSecrets } = endpoint;
  const lists = [events, statuses, sealedSecrets].map((list) => JSON.stringify(list));
  const { tmSecretRetire, disabledReason, tmFailingSince, tmCreate, tmUpdate } = endpoint;
  const eventMask = events.reduce((mask, event) => mask | EVENT_BITS[event], 0);
  const words = [id, customerId, isPrimary, uri, method, ...lists];
  const times = [tmSecretRetire, disabledReason, tmFailingSince, tmCreate, tmUpdate];
  return [...words, ...times, eventMask, statusBits(statuses)];
}

export function endpointOf(row: EndpointRow): WebhookEndpoint {
  return {
    id: row.endpoint_id as EndpointId, // an endpoint_id column
    customerId: row.customer_id as CustomerId, // a customer_id column
    isPrimary: row.is_primary,
    uri: row.uri,
    method: row.method as WebhookMethod, // only endpointValues writes it, and the three after it
    events: JSON.parse(row.events) as EventType[],
    statuses: JSON.parse(row.statuses) as TargetStatus[],
    sealedSecrets: JSON.parse(row.sealed_secrets) as string[],
    tmSecretRetire: timeOrNull(row.tm_secret_retire),
    disabledReason: row.disabled_reason,
    tmFailingSince: timeOrNull(row.tm_failing_since),
    tmCreate: micros(row.tm_create),
    tmUpdate: timeOrNull(row.tm_update),
  };
}

export interface CarrierRow {
  readonly carrier_id: string;
  readonly name: string;
  readonly kind: string;
  readonly sealed_url: string;
  readonly tm_create: number;
  readonly tm_update: number | null;
}

export function carrierValues({ id, name, kind, sealedUrl, tmCreate, tmUpdate }: CarrierAccount): Value[] {
  return [id, name, kind, sealedUrl, tmCreate, tmUpdate];
}

export function carrierOf(row: CarrierRow): CarrierAccount {
  return {
    id: row.carrier_id as CarrierId, // a carrier_id column
    name: row.name,
    kind: row.kind,
    sealedUrl: row.sealed_url,
    tmCreate: micros(row.tm_create),
    tmUpdate: timeOrNull(row.tm_update),
  };
}
