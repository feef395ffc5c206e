import { isIP } from "node:net";
import { refusalOf } from "./public-address.ts";

/** Over this, proxies and servers begin to refuse. */
export const URL_MAX_CHARACTERS = 2_048;

const LOWEST_FREE_PORT = 1_024;

/** What an operator allows customers to name. */
export interface UrlPolicy {
  /** Private addresses and any port: for tests, and for services that call hosts of their own network. */
  readonly allowPrivate: boolean;
}

/** A URL that may be called as far as its text can tell; what its name resolves to is checked at each connection. */
export interface CheckedUrl {
  /** Scheme, host and port, without a path. */
  readonly origin: string;
  /** The host by itself, an IPv6 address without brackets. */
  readonly hostname: string;
  /** Path and query. */
  readonly path: string;
}

export type UrlCheck =
  | { readonly ok: true; readonly url: CheckedUrl }
  /** `reason` completes the sentence "The URL …". */
  | { readonly ok: false; readonly reason: string };

/** Reads an address that a customer named; refuses what can never be called, with the reason in words. */
export function checkUrl(text: string, policy: UrlPolicy): UrlCheck {
  if (text.length > URL_MAX_CHARACTERS) return refuse(`is longer than ${URL_MAX_CHARACTERS} characters`);
  if (/[\s\\]/.test(text)) return refuse("contains a space, a line break or a backslash");
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\//i.test(text)) return refuse("is not an absolute http or https URL");
  if (url.username !== "" || url.password !== "") return refuse("holds a user name or password");
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  if (!policy.allowPrivate) {
    const refusal = refusalOfHost(hostname) ?? refusalOfPort(url.port);
    if (refusal !== null) return refuse(refusal);
  }
  return { ok: true, url: { origin: url.origin, hostname, path: url.pathname + url.search } };
}

function refuse(reason: string): UrlCheck {
  return { ok: false, reason };
}

/** Numeric spellings such as `0x7f.1` or `2130706433` are dotted by now: the URL parser reads them as an address. */
function refusalOfHost(hostname: string): string | null {
  if (/(^|\.)localhost\.?$/.test(hostname)) return "names this machine";
  if (isIP(hostname) === 0) return null;
  const refusal = refusalOf(hostname);
  return refusal === null ? null : `names an address that is not public (${refusal})`;
}

/** Ports of other services (SSH, SMTP, …) lie below 1024; a request must not be made to speak to them. */
function refusalOfPort(port: string): string | null {
  if (port === "" || port === "80" || port === "443" || Number(port) >= LOWEST_FREE_PORT) return null;
  return `names port ${port}: only 80, 443 and ports from ${LOWEST_FREE_PORT} are allowed`;
}
