import { isIP } from "node:net";
import { RETENTION_DAYS_MAX } from "../domain/retention.ts";
import { type Role, ROLES } from "./roles.ts";
import type { Parsed } from "./setting.ts";

const MAX_PORT = 65_535;
const MAX_RATE = 1_000_000;
/** Below this a key can be guessed; {@link GOOD_KEY_CHARACTERS} is what it should have. */
export const MIN_KEY_CHARACTERS = 16;
/** HS256 wants a key of at least the hash's size: RFC 7518 §3.2. */
export const GOOD_KEY_CHARACTERS = 32;
/** More than the HTTP API takes at a login. */
const MAX_PASSWORD_CHARACTERS = 1_024;
export const GOOD_PASSWORD_CHARACTERS = 8;

export function parsePort(text: string): Parsed<number> {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > MAX_PORT)
    return refuse(`must be a port from 0 (any free one) to ${MAX_PORT}`);
  return accept(port);
}

export function parseHost(text: string): Parsed<string> {
  return /^[\w.:%-]+$/.test(text)
    ? accept(text)
    : refuse("must be an address or a host name to listen on, such as 0.0.0.0");
}

export function parseSwitch(text: string): Parsed<boolean> {
  switch (text.toLowerCase()) {
    case "on":
    case "true":
    case "1":
      return accept(true);
    case "off":
    case "false":
    case "0":
      return accept(false);
    default:
      return refuse("must be on or off");
  }
}

/** A number a second; null for `off`. */
export function parseRate(text: string): Parsed<number | null> {
  if (text.toLowerCase() === "off") return accept(null);
  const rate = Number(text);
  if (!/^\d+$/.test(text) || rate < 1 || rate > MAX_RATE)
    return refuse(`must be a whole number from 1 to ${MAX_RATE}, or off`);
  return accept(rate);
}

/** A number of days; null for `off`. */
export function parseDays(text: string): Parsed<number | null> {
  if (text.toLowerCase() === "off") return accept(null);
  const days = Number(text);
  if (!/^\d+$/.test(text) || days < 1 || days > RETENTION_DAYS_MAX)
    return refuse(`must be a whole number of days from 1 to ${RETENTION_DAYS_MAX}, or off`);
  return accept(days);
}

/** An http or https URL without its last slash. */
export function parseHttpUrl(text: string): Parsed<string> {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    return refuse("must be a URL that begins with http:// or https://");
  if (url.search !== "" || url.hash !== "") return refuse("must be a URL without ? and #");
  return accept(url.href.replace(/\/$/, ""));
}

/** Where a PostgreSQL database is. */
export function parsePostgresUrl(text: string): Parsed<string> {
  const url = URL.parse(text);
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol))
    return refuse("must be a URL of the form postgres://user:password@host:port/database");
  return accept(text);
}

/** Names that fastify knows for groups of networks. */
const PROXY_NAMES: ReadonlySet<string> = new Set(["loopback", "linklocal", "uniquelocal"]);

/** Addresses and networks (`10.0.0.0/8`), separated by commas. */
export function parseProxies(text: string): Parsed<readonly string[]> {
  const proxies = text.split(",").map((proxy) => proxy.trim());
  const wrong = proxies.find((proxy) => !isProxy(proxy));
  return wrong === undefined
    ? accept(proxies)
    : refuse(`must be addresses or networks separated by commas, not "${wrong}"`);
}

function isProxy(text: string): boolean {
  if (PROXY_NAMES.has(text)) return true;
  const [address = "", bits] = text.split("/", 2);
  const version = isIP(address);
  if (version === 0) return false;
  return bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** One of a few words. */
export function parseOneOf<Word extends string>(words: readonly Word[]): (text: string) => Parsed<Word> {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    return word === undefined ? refuse(`must be one of ${words.join(", ")}`) : accept(word);
  };
}

/** Roles separated by commas, in the order of {@link ROLES}; `all` for each of them. */
export function parseRoles(text: string): Parsed<readonly Role[]> {
  if (text.toLowerCase() === "all") return accept(ROLES);
  const words = text.split(",").map((word) => word.trim());
  const wrong = words.find((word) => !ROLES.some((role) => role === word));
  return wrong === undefined
    ? accept(ROLES.filter((role) => words.includes(role)))
    : refuse(`must be all, or some of ${ROLES.join(", ")} separated by commas, not "${wrong}"`);
}

export function parseKey(text: string): Parsed<string> {
  return text.length < MIN_KEY_CHARACTERS
    ? refuse(`must have at least ${MIN_KEY_CHARACTERS} characters: \`openssl rand -hex 32\` makes one`)
    : accept(text);
}

export function parsePassword(text: string): Parsed<string> {
  return text.length > MAX_PASSWORD_CHARACTERS
    ? refuse(`must have at most ${MAX_PASSWORD_CHARACTERS} characters`)
    : accept(text);
}

export function parseText(text: string): Parsed<string> {
  return accept(text);
}

function accept<Value>(value: Value): Parsed<Value> {
  return { ok: true, value };
}

function refuse(reason: string): Parsed<never> {
  return { ok: false, reason };
}
