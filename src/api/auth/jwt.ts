import { createHmac } from "node:crypto";
import { createVerifier } from "fast-jwt";
import type { Clock } from "../../domain/clock.ts";
import type { Customer, WebhookMethod } from "../../domain/customer.ts";
import { type CustomerId, isUuid } from "../../domain/ids.ts";
import { addMs, formatMicros, type Micros, micros, MICROS_PER_SECOND } from "../../domain/micros.ts";

/** How long a token from a login lives. */
export const TOKEN_LIFE_MS = 7 * 24 * 3_600_000;

const HEADER = toBase64Url({ alg: "HS256", typ: "JWT" });

/** The three facts of a verified token that count; all else about its customer comes from the store. */
export interface TokenFacts {
  readonly customerId: CustomerId;
  /** The latest moment at which it can have been issued: a token that tells whole seconds may be of any microsecond in it. */
  readonly issuedBy: Micros;
  readonly expiresAt: Micros;
}

/** The customer's webhook, which the contract puts into the token. */
export interface TokenWebhook {
  readonly method: WebhookMethod;
  readonly uri: string;
}

/** Issues and reads the tokens of the contract: JWT, HS256. */
export interface Tokens {
  issue(customer: Customer, webhook: TokenWebhook, lifeMs?: number): string;
  /** Null when it is malformed, signed with another key or algorithm, or expired. */
  read(token: string): TokenFacts | null;
}

/**
 * @param key the secret; whoever has it can act as anybody.
 */
export function createTokens(key: string, clock: Clock): Tokens {
  // Expiry is compared below, with the clock of this process; the list of algorithms shuts out `none` and public-key tricks.
  const verify = createVerifier({ key, algorithms: ["HS256"], ignoreExpiration: true });

  return {
    issue(customer, webhook, lifeMs = TOKEN_LIFE_MS) {
      const now = clock.now();
      const payload = {
        customer: JSON.stringify(claimOf(customer, webhook)),
        // A fraction, so that a token made right after a change of password is younger than the change.
        iat: now / MICROS_PER_SECOND,
        exp: Math.ceil(addMs(now, lifeMs) / MICROS_PER_SECOND),
      };
      const signed = `${HEADER}.${toBase64Url(payload)}`;
      return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
    },
    read(token) {
      const payload = verified(token);
      if (payload === null) return null;
      const facts = factsOf(payload);
      return facts === null || facts.expiresAt <= clock.now() ? null : facts;
    },
  };

  function verified(token: string): Readonly<Record<string, unknown>> | null {
    try {
      return verify(token) as Readonly<Record<string, unknown>>; // the library answers the claims set, a JSON object
    } catch {
      return null; // every way of being wrong is answered alike, so the cause is of no use to anyone
    }
  }
}

function claimOf(customer: Customer, webhook: TokenWebhook): Readonly<Record<string, unknown>> {
  return {
    id: customer.id,
    username: customer.username,
    name: customer.name,
    detail: customer.detail,
    webhook_method: webhook.method,
    webhook_uri: webhook.uri,
    permission_ids: customer.permissionIds,
    tm_create: formatMicros(customer.tmCreate),
    tm_update: formatMicros(customer.tmUpdate),
    tm_delete: formatMicros(customer.tmDelete),
  };
}

function factsOf({ customer, iat, exp }: Readonly<Record<string, unknown>>): TokenFacts | null {
  const customerId = idOf(customer);
  if (customerId === null || typeof exp !== "number" || !Number.isFinite(exp)) return null;
  if (iat !== undefined && (typeof iat !== "number" || !Number.isFinite(iat))) return null;
  const issued = iat ?? exp - TOKEN_LIFE_MS / 1_000;
  const issuedBy = Number.isInteger(issued) ? issued + 1 : issued;
  return { customerId, issuedBy: toMicros(issuedBy), expiresAt: toMicros(exp) };
}

function idOf(claim: unknown): CustomerId | null {
  if (typeof claim !== "string") return null;
  try {
    const id: unknown = (JSON.parse(claim) as { readonly id?: unknown } | null)?.id; // any JSON may stand here
    return typeof id === "string" && isUuid(id) ? (id.toLowerCase() as CustomerId) : null; // branded: the form was just checked
  } catch {
    return null; // signed by us or not, a claim that is no JSON names nobody
  }
}

function toMicros(seconds: number): Micros {
  return micros(Math.round(seconds * MICROS_PER_SECOND));
}

function toBase64Url(value: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
