import type { FastifyRequest, onRequestHookHandler } from "fastify";
import type { CustomerId } from "../../domain/ids.ts";
import { Refusal } from "../errors.ts";
import { addressKey, type Buckets, overRate } from "../rate-limit.ts";
import { type Credential, findCredential } from "./credentials.ts";
import type { Principal, Principals } from "./principals.ts";
import { isFromOwnPage } from "./same-origin.ts";

/** What stands before a route: who may pass, and how often. */
export interface Guard {
  /** Passes anybody, at the rate of an address. */
  readonly anyone: onRequestHookHandler;
  /** Passes who holds a credential, at the rate of a customer. */
  readonly customer: onRequestHookHandler;
  /** Passes customers with the admin permission. */
  readonly admin: onRequestHookHandler;
  /** Counts what a customer that has passed asks for without another request; false when it may not ask now. */
  readonly mayAsk: (customerId: CustomerId) => boolean;
}

interface GuardDeps {
  readonly principals: Principals;
  readonly customerBuckets: Buckets;
  readonly addressBuckets: Buckets;
  readonly parseCookies: (header: string) => Readonly<Record<string, string | undefined>>;
  readonly publicUrl: string | null;
}

/**
 * Makes the guards. A credential that was checked lately passes without a promise. Any other counts against its address
 * until it proves good, so that guessing is bounded and the tenants behind one address do not share a budget.
 */
export function createGuard(deps: GuardDeps): Guard {
  const { principals, customerBuckets, addressBuckets } = deps;

  return {
    anyone(request, _reply, done) {
      done(overRate(addressBuckets.take(addressKey(request.ip))));
    },
    customer(request, _reply, done) {
      enter(request, admit, done);
    },
    admin(request, _reply, done) {
      enter(request, admitAdmin, done);
    },
    mayAsk: (customerId) => customerBuckets.take(customerId).ok,
  };

  function enter(request: FastifyRequest, pass: Pass, done: Done): void {
    const credential = credentialOf(request);
    request.credential = credential;
    const remembered = credential === null ? null : principals.remembered(credential);
    if (credential !== null && remembered !== null) {
      done(forgery(request, credential) ?? pass(request, remembered));
      return;
    }
    void enterSlowly(request, credential, pass, done);
  }

  async function enterSlowly(
    request: FastifyRequest,
    credential: Credential | null,
    pass: Pass,
    done: Done,
  ): Promise<void> {
    done(await judge(request, credential, pass));
  }

  /** Why the request may not pass; never rejects. */
  async function judge(
    request: FastifyRequest,
    credential: Credential | null,
    pass: Pass,
  ): Promise<Error | undefined> {
    const address = addressKey(request.ip);
    const refusal = overRate(addressBuckets.take(address));
    if (refusal !== undefined) return refusal;
    if (credential === null) {
      return unauthenticated("AUTHENTICATION_REQUIRED", "a token or an access key is needed; see /docs");
    }
    try {
      const found = await principals.find(credential);
      if (found === null) {
        return unauthenticated("INVALID_CREDENTIALS", credential.isFromCookieAlone ? WRONG_COOKIE : WRONG);
      }
      addressBuckets.giveBack(address);
      return forgery(request, credential) ?? pass(request, found);
    } catch (error) {
      return error as Error; // the store throws nothing else
    }
  }

  function credentialOf({ headers, query }: FastifyRequest): Credential | null {
    return findCredential({
      cookies: headers.cookie === undefined ? NO_COOKIES : deps.parseCookies(headers.cookie),
      query: query as Readonly<Record<string, unknown>>, // fastify's query is always an object
      authorization: headers.authorization,
    });
  }

  function forgery({ method, headers, host }: FastifyRequest, credential: Credential): Refusal | undefined {
    if (!credential.isFromCookieAlone) return undefined;
    const secFetchSite = headers["sec-fetch-site"];
    const facts = {
      // A WebSocket lives on after its GET, and a foreign page may open one: it counts as a change.
      method: headers.upgrade === undefined ? method : "UPGRADE",
      secFetchSite: typeof secFetchSite === "string" ? secFetchSite : undefined,
      origin: headers.origin,
      host,
      publicUrl: deps.publicUrl,
    };
    if (isFromOwnPage(facts)) return undefined;
    return new Refusal(
      "PERMISSION_DENIED",
      "a request that changes something on the word of a cookie must come from this server's own page: send its credential as Authorization too, or another without the cookie",
    );
  }

  function admit(request: FastifyRequest, principal: Principal): Refusal | undefined {
    request.principal = principal;
    return overRate(customerBuckets.take(principal.customerId));
  }

  function admitAdmin(request: FastifyRequest, principal: Principal): Refusal | undefined {
    const refusal = admit(request, principal);
    if (refusal !== undefined || principal.isAdmin) return refusal;
    return new Refusal("PERMISSION_DENIED", "this needs the admin permission");
  }
}

type Done = (refusal?: Error) => void;
type Pass = (request: FastifyRequest, principal: Principal) => Refusal | undefined;

const WRONG = "the credential is wrong, expired or withdrawn";
const WRONG_COOKIE = `${WRONG}: it is a cookie's, which decides; log in again or leave the cookie out`;

const NO_COOKIES: Readonly<Record<string, string | undefined>> = {};

function unauthenticated(
  reason: "AUTHENTICATION_REQUIRED" | "INVALID_CREDENTIALS",
  message: string,
): Refusal {
  return new Refusal(reason, message, { headers: { "www-authenticate": "Bearer" } }); // RFC 9110 §11.6.1
}
