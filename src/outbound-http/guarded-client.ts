import { isIP } from "node:net";
import { type CheckedUrl, checkUrl, type UrlCheck } from "./checked-url.ts";
import { createGuardedLookup, RefusedAddress } from "./guarded-lookup.ts";
import type { Exchanged } from "./lane.ts";
import { Lanes } from "./lanes.ts";
import type { Outcome } from "./outcome.ts";
import { refusalOf } from "./public-address.ts";
import { redirectOf } from "./redirect.ts";
import { createPublicResolve, resolveLocally, type Resolve } from "./resolve.ts";

export const DEFAULT_TIMEOUT_MS = 15_000;
export const DEFAULT_MAX_BYTES = 65_536;

const CONNECT_TIMEOUT_MS = 5_000;
const CONNECTIONS = 64;
const MAX_IDLE_LANES = 128;

export interface GuardedClientOptions {
  /** Lets requests reach private addresses and any port. */
  readonly allowPrivate: boolean;
  /** Which addresses are refused, and why, instead of all that are not public: for tests, which have only loopback. */
  readonly refuse?: (address: string) => string | null;
  /** Instead of the name servers of the machine. */
  readonly resolve?: Resolve;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
  readonly connectTimeoutMs?: number;
  /** Connections at a time to one origin in one lane. */
  readonly connections?: number;
  /** Lanes kept open though unused. */
  readonly maxIdleLanes?: number;
  /** Certificate authorities to trust instead of the usual ones, PEM. */
  readonly ca?: string;
}

export interface GuardedRequest {
  readonly url: CheckedUrl;
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** Names and values in turn. */
  readonly headers?: string[] | undefined;
  readonly body?: string | Buffer | undefined;
  /** Requests of different lanes share no connection, so a slow one holds up its own lane only. */
  readonly lane?: string | undefined;
  /** For all of it: name, connection, redirects, answer. 15 s unless given. */
  readonly timeoutMs?: number | undefined;
  /** Of the answer's body. 64 KiB unless given. */
  readonly maxBytes?: number | undefined;
  /** How many redirects of a GET or HEAD are followed, each address checked anew; past it, the 3xx is the answer. None unless given. */
  readonly redirects?: number | undefined;
  /** Sending it twice does no harm: it is sent once more when a kept-alive connection turns out to be closed. */
  readonly isRepeatable?: boolean | undefined;
}

/** Calls addresses that customers name, and no private one among them. */
export interface GuardedClient {
  /** Never throws for what the other side does: every end is an outcome. */
  request(request: GuardedRequest): Promise<Outcome>;
  /** Whether a URL may be called as things are now. A name that does not resolve may later: it passes. */
  check(text: string): Promise<UrlCheck>;
  /** Breaks off what is in flight (it ends as `aborted`) and closes every connection. */
  close(): Promise<void>;
}

/** Makes the one client through which everything goes that a customer named. */
export function createGuardedClient(options: GuardedClientOptions): GuardedClient {
  const { allowPrivate } = options;
  const now = options.now ?? (() => performance.now());
  const resolve = options.resolve ?? (allowPrivate ? resolveLocally : createPublicResolve());
  const refuse = allowPrivate ? (): null => null : (options.refuse ?? refusalOf);
  const lookup = createGuardedLookup({ refuse, resolve, now });
  const lanes = new Lanes({
    lookup,
    connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    connections: options.connections ?? CONNECTIONS,
    maxIdleLanes: options.maxIdleLanes ?? MAX_IDLE_LANES,
    ca: options.ca,
  });

  async function follow(request: GuardedRequest, deadline: number): Promise<Outcome> {
    const { hostname } = request.url;
    const refusal = isIP(hostname) === 0 ? null : refuse(hostname);
    if (refusal !== null) return refused(`the address is not public (${refusal})`);
    const first = await exchangeOver(lanes, request, deadline - now());
    const goesAgain = first.isStale && request.isRepeatable === true;
    const { outcome } = goesAgain ? await exchangeOver(lanes, request, deadline - now()) : first;
    const next = redirectOf(request, outcome, allowPrivate);
    if (next === null) return outcome;
    if (next.kind === "refused") return refused(next.reason);
    return follow(next.request, deadline);
  }

  async function check(text: string): Promise<UrlCheck> {
    const checked = checkUrl(text, { allowPrivate });
    if (!checked.ok || allowPrivate || isIP(checked.url.hostname) !== 0) return checked;
    const refusal = await new Promise<Error | null>((resolve) => lookup(checked.url.hostname, {}, resolve));
    if (!(refusal instanceof RefusedAddress)) return checked;
    return { ok: false, reason: `cannot be called: ${refusal.message}` };
  }

  return {
    check,
    request: (request) => follow(request, now() + (request.timeoutMs ?? DEFAULT_TIMEOUT_MS)),
    close: () => lanes.close(),
  };
}

function exchangeOver(lanes: Lanes, request: GuardedRequest, remainingMs: number): Promise<Exchanged> {
  const { url, method, body = null } = request;
  const headers = request.headers ?? null;
  const limits = { timeoutMs: Math.max(0, remainingMs), maxBytes: request.maxBytes ?? DEFAULT_MAX_BYTES };
  const lane = lanes.get(request.lane ?? "", url.origin);
  return lane.request({ path: url.path, method, headers, body }, limits);
}

function refused(message: string): Outcome {
  return { kind: "failed", reason: "refused_address", message, status: null, isSent: false };
}
