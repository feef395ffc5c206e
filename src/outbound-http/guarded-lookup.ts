import { isIPv6, type LookupFunction } from "node:net";
import type { Resolve } from "./resolve.ts";

/** All that a host name resolves to is private. */
export class RefusedAddress extends Error {
  override readonly name = "RefusedAddress";
}

/** A host name did not resolve. */
export class NameNotResolved extends Error {
  override readonly name = "NameNotResolved";
}

/** How long an answer serves further connections: what matters is that a burst of connections asks once. */
export const ANSWER_LIFE_MS = 5_000;
export const ANSWERS_KEPT = 1_000;

export interface GuardedLookupOptions {
  /** Why an address must not be called; null when it may. */
  readonly refuse: (address: string) => string | null;
  readonly resolve: Resolve;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

type Callback = Parameters<LookupFunction>[2];

interface Answer {
  readonly addresses: Promise<readonly string[]>;
  readonly expiresAt: number;
}

/**
 * Makes the `lookup` of a socket: the addresses it answers are the only ones that the socket will try, so what was checked is
 * what is connected to, and a name server that answers otherwise the second time is never asked a second time.
 */
export function createGuardedLookup(options: GuardedLookupOptions): LookupFunction {
  const answers = new Map<string, Answer>();

  function addressesOf(hostname: string): Promise<readonly string[]> {
    const known = answers.get(hostname);
    if (known !== undefined && known.expiresAt > options.now()) return known.addresses;
    answers.delete(hostname);
    const oldest = answers.keys().next();
    if (answers.size >= ANSWERS_KEPT && oldest.done !== true) answers.delete(oldest.value);
    const addresses = resolveAllowed(hostname, options);
    const answer = { addresses, expiresAt: options.now() + ANSWER_LIFE_MS };
    answers.set(hostname, answer);
    addresses.catch(() => {
      if (answers.get(hostname) === answer) answers.delete(hostname);
    });
    return addresses;
  }

  async function answer(hostname: string, isAll: boolean, callback: Callback): Promise<void> {
    const [result] = await Promise.allSettled([addressesOf(hostname)]);
    if (result.status === "rejected") return callback(toError(result.reason), []);
    const found = result.value.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
    const [first] = found;
    return isAll ? callback(null, found) : callback(null, first?.address ?? "", first?.family);
  }

  return (hostname, { all }, callback) => void answer(hostname, all === true, callback);
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new NameNotResolved(String(reason));
}

async function resolveAllowed(hostname: string, options: GuardedLookupOptions): Promise<readonly string[]> {
  const addresses = await resolveOrThrow(hostname, options.resolve);
  const allowed = addresses.filter((address) => options.refuse(address) === null);
  if (allowed.length > 0) return allowed;
  // The address itself stays unsaid: the reason reaches the customer, who may be feeling for names inside.
  const [first = ""] = addresses;
  throw new RefusedAddress(
    `the name resolves to an address that is not public (${options.refuse(first) ?? ""})`,
  );
}

async function resolveOrThrow(hostname: string, resolve: Resolve): Promise<readonly string[]> {
  let addresses: readonly string[];
  try {
    addresses = await resolve(hostname);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new NameNotResolved(`the name did not resolve (${code})`, { cause: error });
  }
  if (addresses.length === 0) throw new NameNotResolved("the name has no address");
  return addresses;
}
