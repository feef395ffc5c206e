import { normaliseTel } from "../domain/address.ts";
import { Refusal } from "./errors.ts";

/**
 * One query parameter as text, empty when it is missing. Given twice it is refused, for nobody could say which one counts; so
 * is U+0000, which not every store can compare with.
 */
export function readParameter(query: unknown, name: string): string {
  const value = (query as Readonly<Record<string, unknown>>)[name]; // fastify's query is always an object
  if (value === undefined) return "";
  if (typeof value !== "string") throw refusal(name, "must be given once");
  if (value.includes("\0")) throw refusal(name, "must not contain U+0000");
  return value;
}

/** A parameter that is `true` or `false`; missing or empty is false. */
export function readFlag(query: unknown, name: string): boolean {
  const text = readParameter(query, name);
  if (text === "true") return true;
  if (text === "false" || text === "") return false;
  throw refusal(name, "must be true or false");
}

/** A number or a sender's name to look for, normalised as it is stored; null when it is missing or empty. */
export function readTarget(query: unknown, name: string): string | null {
  const text = readParameter(query, name);
  if (text === "") return null;
  return normaliseTel(text.replace(/^ (?=\d)/, "+")); // a plus that was not escaped arrives as a space
}

function refusal(field: string, rest: string): Refusal {
  return new Refusal("INVALID_REQUEST_PARAMETER", `${field} ${rest}`, { field });
}
