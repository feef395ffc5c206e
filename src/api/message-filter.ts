import type { Micros } from "../domain/micros.ts";
import { TARGET_STATUSES } from "../domain/target-status.ts";
import type { MessageFilter } from "../store/accepting.ts";
import type { Parameter } from "./door.ts";
import { Refusal } from "./errors.ts";
import { SEARCH_TEXT_MAX_CHARACTERS } from "./limits.ts";
import { readParameter, readTarget } from "./query.ts";
import { readTimeText, TIME_WANTED } from "./time-text.ts";

const DIRECTIONS = ["outbound", "inbound"] as const;
const TYPES = ["sms", "mms"] as const;

/** The conditions of a list of messages, as the API's description shows them. */
export const FILTER_PARAMETERS: readonly Parameter[] = [
  choice("direction", DIRECTIONS, "Only messages that went this way."),
  choice("type", TYPES, "Only messages of this type."),
  choice("status", TARGET_STATUSES, "Only messages with a target in this status."),
  word("source", "Only messages from this number or name."),
  word("destination", "Only messages with a target of this number."),
  word("text", "Only messages that hold this text, in any case."),
  word("tm_from", "Only messages created at this time or later."),
  word("tm_until", "Only messages created before this time."),
];

function choice(name: string, values: readonly string[], description: string): Parameter {
  return { in: "query", name, description, schema: { type: "string", enum: [...values] } };
}

function word(name: string, description: string): Parameter {
  return { in: "query", name, description, schema: { type: "string" } };
}

/** Reads the conditions that are there; null when there is none. */
export function readFilter(query: unknown): MessageFilter | null {
  const direction = readChoice(query, "direction", DIRECTIONS);
  const type = readChoice(query, "type", TYPES);
  const status = readChoice(query, "status", TARGET_STATUSES);
  const source = readTarget(query, "source");
  const destination = readTarget(query, "destination");
  const text = readParameter(query, "text");
  const from = readTimeParameter(query, "tm_from");
  const until = readTimeParameter(query, "tm_until");
  if (text.length > SEARCH_TEXT_MAX_CHARACTERS)
    throw refusal("text", `has at most ${SEARCH_TEXT_MAX_CHARACTERS} characters`);
  const filter: MessageFilter = {
    ...(direction !== null && { direction }),
    ...(type !== null && { type }),
    ...(status !== null && { status }),
    ...(source !== null && { source }),
    ...(destination !== null && { destination }),
    ...(text !== "" && { text }),
    ...(from !== null && { from }),
    ...(until !== null && { until }),
  };
  return Object.keys(filter).length === 0 ? null : filter;
}

function readChoice<Value extends string>(
  query: unknown,
  name: string,
  values: readonly Value[],
): Value | null {
  const text = readParameter(query, name);
  if (text === "") return null;
  const value = values.find((known) => known === text);
  if (value === undefined) throw refusal(name, `must be one of ${values.join(", ")}`);
  return value;
}

/** A time in a query, where the space of the contract's form may arrive as a plus; null when it is missing. */
export function readTimeParameter(query: unknown, name: string): Micros | null {
  const text = readParameter(query, name);
  if (text === "") return null;
  const time = readTimeText(text);
  if (time === null) throw refusal(name, TIME_WANTED);
  return time;
}

function refusal(field: string, rest: string): Refusal {
  return new Refusal("INVALID_REQUEST_PARAMETER", `${field} ${rest}`, { field });
}
