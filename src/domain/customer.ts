import type { AccessKeyId, CustomerId } from "./ids.ts";
import type { Micros } from "./micros.ts";
import type { RetentionChoice } from "./retention.ts";

/** Holding this permission makes a customer an administrator of the service (the contract's id). */
export const ADMIN_PERMISSION = "03796e14-7cb4-11ec-9dba-e72023efd1c6";

export const WEBHOOK_METHODS = ["", "POST", "GET", "PUT", "DELETE"] as const;
export type WebhookMethod = (typeof WEBHOOK_METHODS)[number];

/** A tenant. Its webhook method and uri are those of its primary endpoint (see endpoint.ts). */
export interface Customer extends RetentionChoice {
  readonly id: CustomerId;
  /** Unique among customers that are not deleted. */
  readonly username: string;
  readonly passwordHash: string;
  readonly name: string;
  readonly detail: string;
  readonly email: string;
  readonly phoneNumber: string;
  readonly address: string;
  readonly permissionIds: readonly string[];
  /** Tokens issued before this are no longer valid: the last change of the password. */
  readonly tmCredentials: Micros;
  readonly tmCreate: Micros;
  readonly tmUpdate: Micros | null;
  readonly tmDelete: Micros | null;
}

/** A key for programs; only the SHA-256 of the token is kept. */
export interface AccessKey {
  readonly id: AccessKeyId;
  readonly customerId: CustomerId;
  readonly name: string;
  readonly detail: string;
  readonly tokenPrefix: string;
  /** Hex SHA-256 of the whole token. */
  readonly tokenHash: string;
  /** Null: does not expire. */
  readonly tmExpire: Micros | null;
  readonly tmCreate: Micros;
  readonly tmUpdate: Micros | null;
  readonly tmDelete: Micros | null;
}
