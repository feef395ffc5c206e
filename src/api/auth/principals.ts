import { hash } from "node:crypto";
import type { Clock } from "../../domain/clock.ts";
import { type AccessKey, ADMIN_PERMISSION, type Customer } from "../../domain/customer.ts";
import type { CustomerId } from "../../domain/ids.ts";
import { type Micros, MICROS_PER_MS } from "../../domain/micros.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import { hashAccessKey } from "./access-key.ts";
import type { Credential } from "./credentials.ts";
import type { TokenFacts, Tokens } from "./jwt.ts";

/** On whose behalf a request is served. */
export interface Principal {
  readonly customerId: CustomerId;
  readonly isAdmin: boolean;
  /** When its credential expires; null when it does not. */
  readonly expiresAt: Micros | null;
}

/** A deleted customer or a changed password is noticed at the latest after this, in whichever process it happened. */
export const PRINCIPAL_CACHE_MS = 5_000;
/** Credentials remembered at once; the oldest is forgotten first. */
export const PRINCIPALS_MAX = 10_000;

/** Tells whom a credential stands for. */
export interface Principals {
  /** Without asking the store; null when this credential was not looked up lately. */
  remembered(credential: Credential): Principal | null;
  /** Null when the credential is wrong, expired or withdrawn. */
  find(credential: Credential): Promise<Principal | null>;
  /** Customers or keys changed: what is remembered may no longer hold. */
  forget(): void;
}

interface Remembered {
  readonly principal: Principal;
  readonly untilMs: number;
}

interface PrincipalDeps {
  readonly store: Pick<DirectoryStore, "getCustomer" | "findAccessKey">;
  readonly tokens: Tokens;
  readonly clock: Clock;
  /** For the memory's own time, which must not stop when the wall clock is set back. */
  readonly monotonicMs: () => number;
}

/** Makes the look-up with its short memory, which spares the store and the signature check on all but the first request. */
export function createPrincipals({ store, tokens, clock, monotonicMs }: PrincipalDeps): Principals {
  const memory = new Map<string, Remembered>();
  const memoryKey = createMemoryKeys();
  let changes = 0;

  return {
    remembered(credential) {
      const entry = memory.get(memoryKey(credential));
      return entry !== undefined && monotonicMs() < entry.untilMs ? entry.principal : null;
    },
    async find(credential) {
      const seen = changes;
      const found =
        credential.kind === "jwt" ? await findByToken(credential.text) : await findByKey(credential.text);
      // What was read while something changed may be from before the change: good for this request, not for five seconds.
      if (found !== null && seen === changes) remember(memoryKey(credential), found);
      return found;
    },
    forget() {
      changes += 1;
      memory.clear();
    },
  };

  function remember(key: string, principal: Principal): void {
    const { expiresAt } = principal;
    const leftMs = expiresAt === null ? PRINCIPAL_CACHE_MS : (expiresAt - clock.now()) / MICROS_PER_MS;
    memory.delete(key);
    memory.set(key, { principal, untilMs: monotonicMs() + Math.min(PRINCIPAL_CACHE_MS, leftMs) });
    const oldest = memory.keys().next();
    if (memory.size > PRINCIPALS_MAX && oldest.done !== true) memory.delete(oldest.value);
  }

  async function findByToken(token: string): Promise<Principal | null> {
    const facts = tokens.read(token);
    if (facts === null) return null;
    const customer = await store.getCustomer(facts.customerId);
    if (customer === null || !isTokenGood(facts, customer)) return null;
    return principalOf(customer, facts.expiresAt);
  }

  async function findByKey(key: string): Promise<Principal | null> {
    const accessKey = await store.findAccessKey(hashAccessKey(key));
    if (accessKey === null || !isKeyGood(accessKey, clock.now())) return null;
    const customer = await store.getCustomer(accessKey.customerId);
    if (customer === null || customer.tmDelete !== null) return null;
    return principalOf(customer, accessKey.tmExpire);
  }
}

/**
 * Makes the keys of credentials: hashed, so that the memory of a process holds no list of working ones. The one that came last
 * mostly comes again, and is kept to spare its hash.
 */
function createMemoryKeys(): (credential: Credential) => string {
  let last = { kind: "", text: "", key: "" };
  return ({ kind, text }) => {
    if (last.text !== text || last.kind !== kind)
      last = { kind, text, key: kind + hash("sha256", text, "base64") };
    return last.key;
  };
}

function isTokenGood({ issuedBy }: TokenFacts, { tmCreate, tmCredentials, tmDelete }: Customer): boolean {
  // As long as the password never changed, there is nothing that a token could be too old for.
  return tmDelete === null && (tmCredentials === tmCreate || issuedBy >= tmCredentials);
}

function isKeyGood({ tmDelete, tmExpire }: AccessKey, now: Micros): boolean {
  return tmDelete === null && (tmExpire === null || now < tmExpire);
}

function principalOf({ id, permissionIds }: Customer, expiresAt: Micros | null): Principal {
  return { customerId: id, isAdmin: permissionIds.includes(ADMIN_PERMISSION), expiresAt };
}
