import { ACCESS_KEY_PREFIX } from "./access-key.ts";

/** What a request brings to say who it is. */
export interface Credential {
  readonly kind: "jwt" | "accesskey";
  readonly text: string;
  /** Browsers send cookies by themselves, so such a request must also prove that our own page made it. */
  readonly isFromCookieAlone: boolean;
}

/** The parts of a request in which a credential can travel. */
export interface CredentialPlaces {
  readonly cookies: Readonly<Record<string, string | undefined>>;
  /** Parsed; a parameter given twice is an array. */
  readonly query: Readonly<Record<string, unknown>>;
  readonly authorization: string | undefined;
}

export const TOKEN_COOKIE = "token";
/** The console's own; looked at last, so that it never stands in the way of what a client names itself. */
export const SESSION_COOKIE = "msgbin_session";

/**
 * The first credential in the contract's order: cookie `token`, `?token=`, `Authorization: Bearer`, cookie `accesskey`,
 * `?accesskey=`, then the console's session. It alone decides, be it right or wrong; an empty one counts as absent.
 */
export function findCredential(places: CredentialPlaces): Credential | null {
  const first = firstCredential(places);
  if (first === null || !first.isFromCookieAlone) return first;
  return { ...first, isFromCookieAlone: !isNamed(first.text, places) };
}

function firstCredential({ cookies, query, authorization }: CredentialPlaces): Credential | null {
  return (
    credential("jwt", cookies[TOKEN_COOKIE], true) ??
    credential("jwt", firstOf(query["token"]), false) ??
    fromBearer(authorization) ??
    credential("accesskey", cookies["accesskey"], true) ??
    credential("accesskey", firstOf(query["accesskey"]), false) ??
    credential("jwt", cookies[SESSION_COOKIE], true)
  );
}

/**
 * Whether the request also says a cookie's credential where a browser puts none by itself, as clients do that keep the cookie of
 * their login: no foreign page knows it. Another one there proves nothing, for a page may name its own.
 */
function isNamed(text: string, { query, authorization }: CredentialPlaces): boolean {
  return (
    text === firstOf(query["token"]) ||
    text === fromBearer(authorization)?.text ||
    text === firstOf(query["accesskey"])
  );
}

function credential(
  kind: Credential["kind"],
  text: string | undefined,
  isFromCookieAlone: boolean,
): Credential | null {
  return text === undefined || text === "" ? null : { kind, text, isFromCookieAlone };
}

function firstOf(value: unknown): string | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" ? first : undefined;
}

/** A bearer may be either kind; access keys say so in their first characters. */
function fromBearer(authorization: string | undefined): Credential | null {
  const text = authorization === undefined ? undefined : /^bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (text === undefined) return null;
  return { kind: text.startsWith(ACCESS_KEY_PREFIX) ? "accesskey" : "jwt", text, isFromCookieAlone: false };
}
