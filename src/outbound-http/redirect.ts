import { checkUrl } from "./checked-url.ts";
import type { GuardedRequest } from "./guarded-client.ts";
import type { Outcome } from "./outcome.ts";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What is meant for the first host only. */
const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization"]);

export type Redirect =
  | { readonly kind: "follow"; readonly request: GuardedRequest }
  | { readonly kind: "refused"; readonly reason: string };

/** The request that an answer asks for; null when it asks for none or no further one may be followed. */
export function redirectOf(
  request: GuardedRequest,
  outcome: Outcome,
  allowPrivate: boolean,
): Redirect | null {
  const { redirects = 0, method } = request;
  if (redirects < 1 || (method !== "GET" && method !== "HEAD")) return null;
  if (outcome.kind !== "answered" || !REDIRECTS.has(outcome.status)) return null;
  const { location } = outcome.headers;
  if (typeof location !== "string") return null;
  const target = URL.parse(location, request.url.origin + request.url.path);
  const check = checkUrl(target?.href ?? location, { allowPrivate });
  if (!check.ok) return { kind: "refused", reason: `it redirected to a URL that ${check.reason}` };
  const isSameOrigin = check.url.origin === request.url.origin;
  const headers = isSameOrigin ? request.headers : withoutCredentials(request.headers ?? []);
  return {
    kind: "follow",
    request: { ...request, url: check.url, redirects: redirects - 1, headers },
  };
}

function withoutCredentials(headers: string[]): string[] {
  return headers.filter((_, index) => {
    const name = headers[index - (index % 2)] ?? "";
    return !CREDENTIALS.has(name.toLowerCase());
  });
}
