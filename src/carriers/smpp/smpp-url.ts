import { FIELD_LIMITS } from "../../smpp/pdu/field-limits.ts";
import { fitsLatin1, shortened } from "../url-value.ts";
import { smppSettings, type SmppSettings } from "./smpp-settings.ts";
import { SMPP_URL_KEYS, type SmppUrlKeys, type SmppUrlValues } from "./url-keys.ts";

/** An account at an SMSC: where it is, who we are there, and how it wants to be spoken to. */
export interface SmppAccount extends SmppSettings {
  readonly kind: "smpp" | "smpps";
  readonly host: string;
  readonly port: number;
  readonly systemId: string;
  /** Secret. Empty where the carrier knows us by our address. */
  readonly password: string;
}

/** An account, or in words why the URL cannot be right. */
export type SmppUrlParse =
  | { readonly ok: true; readonly config: SmppAccount }
  | { readonly ok: false; readonly reason: string };

/** Ports that IANA has registered for SMPP and for SMPP over TLS. */
const DEFAULT_PORTS = { smpp: 2775, smpps: 3550 } as const;

const TLS_KEYS: ReadonlySet<string> = new Set(["verify", "ca", "server_name"]);

/** Reads the parts of an `smpp://` or `smpps://` URL that {@link URL} has split. */
export function parseSmppUrl(url: URL, kind: SmppAccount["kind"]): SmppUrlParse {
  const problem = problemOfPlace(url);
  if (problem !== null) return { ok: false, reason: problem };
  const systemId = decoded(url.username);
  const password = decoded(url.password);
  const complaint =
    problemOfCredential("system id", systemId, FIELD_LIMITS.systemId.acceptedBytes - 1) ??
    problemOfCredential("password", password, FIELD_LIMITS.password.acceptedBytes - 1);
  if (complaint !== null) return { ok: false, reason: complaint };
  if (systemId === null || password === null || systemId === "")
    return { ok: false, reason: `the system id is missing: ${kind}://SYSTEM_ID:PASSWORD@HOST` };
  const values = readQuery(url.searchParams, kind);
  if (typeof values === "string") return { ok: false, reason: values };
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? DEFAULT_PORTS[kind] : Number(url.port);
  return { ok: true, config: { kind, host, port, systemId, password, ...smppSettings(values) } };
}

/** A name of letters, digits, dots and hyphens, an IPv4 address, or an IPv6 address in brackets. */
const HOST_FORM = /^(?:[a-z0-9_](?:[a-z0-9_.-]{0,252})|\[[0-9a-f:.]+\])$/i;

function problemOfPlace(url: URL): string | null {
  if (url.hostname === "") return `the host is missing: ${url.protocol}//SYSTEM_ID:PASSWORD@HOST`;
  if (!HOST_FORM.test(url.hostname)) return `the host is no name and no address: ${shortened(url.hostname)}`;
  if (url.port === "0") return "port must be 1–65535, got 0";
  if (url.pathname !== "" && url.pathname !== "/")
    return `a path means nothing here: ${shortened(url.pathname)}`;
  if (url.hash !== "") return "a # means nothing here: write %23 if it belongs to the password";
  return null;
}

function problemOfCredential(what: string, value: string | null, most: number): string | null {
  if (value === null) return `the ${what} is not percent-encoded properly`;
  if (value.length > most)
    return `the ${what} has ${value.length} characters, at most ${most} fit into a bind`;
  return fitsLatin1(value) ? null : `the ${what} has characters outside Latin-1`;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** The values of all keys, or in words what is wrong with the first bad one. */
function readQuery(query: URLSearchParams, kind: SmppAccount["kind"]): SmppUrlValues | string {
  for (const [name, text] of query) {
    if (!isKey(name))
      return `unknown key ${shortened(name)}; known are ${Object.keys(SMPP_URL_KEYS).join(", ")}`;
    if (query.getAll(name).length > 1) return `${name} is given twice`;
    if (kind === "smpp" && TLS_KEYS.has(name)) return `${name} has a meaning with smpps:// only`;
    // An empty one may be a file that was not read: whom to trust is not guessed at.
    if (name === "ca" && text === "") return "ca is empty: give certificates in PEM, or leave it out";
  }
  const values: Record<string, unknown> = {};
  for (const [name, key] of Object.entries(SMPP_URL_KEYS)) {
    const text = query.get(name) ?? key.default;
    const reading = key.read(text);
    if (!reading.ok) return `${name} must ${reading.must}, got ${shortened(text)}`;
    values[name] = reading.value;
  }
  // Each value was read by the key of its name, which is what the type says.
  return values as SmppUrlValues;
}

function isKey(name: string): name is keyof SmppUrlKeys {
  return Object.hasOwn(SMPP_URL_KEYS, name);
}
