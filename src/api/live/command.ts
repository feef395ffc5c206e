import { type EventId, isUuid } from "../../domain/ids.ts";
import { TOPIC_MAX_CHARACTERS, TOPICS_PER_SOCKET_MAX } from "../limits.ts";

/** What a client says over its WebSocket. */
export type Command =
  | {
      readonly kind: "subscribe";
      readonly topics: readonly string[];
      /** Tells it first what came after this event; null for what comes from now on. */
      readonly lastEventId: EventId | null;
      readonly wantsAck: boolean;
    }
  | { readonly kind: "unsubscribe"; readonly topics: readonly string[]; readonly wantsAck: boolean }
  /** `message` says what is wrong with it. */
  | { readonly kind: "wrong"; readonly message: string };

/** Reads a client's message: `{"type": "subscribe" | "unsubscribe", "topics": […], "last_event_id"?, "ack"?}`. */
export function readCommand(text: string): Command {
  const said = parse(text);
  if (said === null) return wrong("a message must be a JSON object");
  const { type, topics, last_event_id, ack } = said;
  if (type !== "subscribe" && type !== "unsubscribe")
    return wrong('type must be "subscribe" or "unsubscribe"');
  if (!isTopicList(topics))
    return wrong(`topics must be a list of 1 to ${TOPICS_PER_SOCKET_MAX} texts, as customer_id:<id>:message`);
  const wantsAck = ack === true;
  if (type === "unsubscribe") return { kind: "unsubscribe", topics, wantsAck };
  const lastEventId = readEventId(last_event_id);
  if (lastEventId === undefined) return wrong("last_event_id must be the id of an event");
  return { kind: "subscribe", topics, lastEventId, wantsAck };
}

function wrong(message: string): Command {
  return { kind: "wrong", message };
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const said: unknown = JSON.parse(text);
    const isObject = typeof said === "object" && said !== null && !Array.isArray(said);
    return isObject ? (said as Readonly<Record<string, unknown>>) : null; // any object may stand here
  } catch {
    return null; // no JSON: the answer says so
  }
}

function isTopicList(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > TOPICS_PER_SOCKET_MAX) return false;
  return value.every((topic) => typeof topic === "string" && topic.length <= TOPIC_MAX_CHARACTERS);
}

/** Null when there is none; undefined when it has not the form of one. */
function readEventId(value: unknown): EventId | null | undefined {
  if (value === undefined || value === null || value === "") return null;
  return typeof value === "string" && isUuid(value) ? (value.toLowerCase() as EventId) : undefined; // branded: the form was just checked
}
