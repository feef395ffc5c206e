import type { CarrierAccount } from "../../domain/carrier-account.ts";
import type { AccessKey, Customer, WebhookMethod } from "../../domain/customer.ts";
import type { WebhookEndpoint } from "../../domain/endpoint.ts";
import type { EventType } from "../../domain/event.ts";
import type { AccessKeyId, CarrierId, CustomerId, EndpointId } from "../../domain/ids.ts";
import { type Micros, micros } from "../../domain/micros.ts";
import type { TargetStatus } from "../../domain/target-status.ts";
import { bytes, type Cell, integer, integerOrNull, type Row, text, textOrNull } from "./connection.ts";
import { bytesToId } from "./id-bytes.ts";

/** The columns of each directory table in the order that its reader below takes them. */
export const CUSTOMER_COLUMNS =
  "customer_id, username, password_hash, name, detail, email, phone_number, address, permission_ids, tm_credentials, tm_create, tm_update, tm_delete, retention_days, retention_content_days";
export const ACCESS_KEY_COLUMNS =
  "access_key_id, customer_id, name, detail, token_prefix, token_hash, tm_expire, tm_create, tm_update, tm_delete";
export const ENDPOINT_COLUMNS =
  "endpoint_id, customer_id, is_primary, uri, method, events, statuses, sealed_secrets, tm_secret_retire, disabled_reason, tm_failing_since, tm_create, tm_update";
export const CARRIER_COLUMNS = "carrier_id, name, kind, sealed_url, tm_create, tm_update";

export function readCustomer(row: Row): Customer {
  return {
    id: id(row[0]) as CustomerId, // a customer_id column
    username: text(row[1]),
    passwordHash: text(row[2]),
    name: text(row[3]),
    detail: text(row[4]),
    email: text(row[5]),
    phoneNumber: text(row[6]),
    address: text(row[7]),
    permissionIds: JSON.parse(text(row[8])) as string[], // only putCustomer writes it
    tmCredentials: time(row[9]),
    tmCreate: time(row[10]),
    tmUpdate: timeOrNull(row[11]),
    tmDelete: timeOrNull(row[12]),
    retentionDays: integerOrNull(row[13] ?? null),
    retentionContentDays: integerOrNull(row[14] ?? null),
  };
}

export function readAccessKey(row: Row): AccessKey {
  return {
    id: id(row[0]) as AccessKeyId, // an access_key_id column
    customerId: id(row[1]) as CustomerId, // a customer_id column
    name: text(row[2]),
    detail: text(row[3]),
    tokenPrefix: text(row[4]),
    tokenHash: text(row[5]),
    tmExpire: timeOrNull(row[6]),
    tmCreate: time(row[7]),
    tmUpdate: timeOrNull(row[8]),
    tmDelete: timeOrNull(row[9]),
  };
}

export function readEndpoint(row: Row): WebhookEndpoint {
  return {
    id: id(row[0]) as EndpointId, // an endpoint_id column
    customerId: id(row[1]) as CustomerId, // a customer_id column
    isPrimary: row[2] === 1,
    uri: text(row[3]),
    method: text(row[4]) as WebhookMethod, // only putEndpoint writes it, and the three after it
    events: JSON.parse(text(row[5])) as EventType[],
    statuses: JSON.parse(text(row[6])) as TargetStatus[],
    sealedSecrets: JSON.parse(text(row[7])) as string[],
    tmSecretRetire: timeOrNull(row[8]),
    disabledReason: textOrNull(row[9] ?? null),
    tmFailingSince: timeOrNull(row[10]),
    tmCreate: time(row[11]),
    tmUpdate: timeOrNull(row[12]),
  };
}

export function readCarrier(row: Row): CarrierAccount {
  return {
    id: id(row[0]) as CarrierId, // a carrier_id column
    name: text(row[1]),
    kind: text(row[2]),
    sealedUrl: text(row[3]),
    tmCreate: time(row[4]),
    tmUpdate: timeOrNull(row[5]),
  };
}

function id(cell: Cell | undefined): string {
  return bytesToId(bytes(cell));
}

function time(cell: Cell | undefined): Micros {
  return micros(integer(cell));
}

function timeOrNull(cell: Cell | undefined): Micros | null {
  const value = integerOrNull(cell ?? null);
  return value === null ? null : micros(value);
}
