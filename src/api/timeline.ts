import type { MessageEvent } from "../domain/event.ts";
import { timeOfId } from "../domain/ids.ts";
import type { MessageHead } from "../domain/message.ts";
import { formatMicros, type Micros } from "../domain/micros.ts";
import type { TrailEntry } from "../domain/trail.ts";
import type { LoggedAttempt, Recount } from "../store/recounting.ts";

interface Fact {
  readonly at: Micros;
  readonly shown: Readonly<Record<string, unknown>>;
}

interface TimelineView {
  /** Names a carrier by the id on a trail. */
  readonly nameOf: (carrierId: string) => string;
  /** What carriers that are gone were called, by the ids on a trail. */
  readonly removedNames: ReadonlyMap<string, string>;
  /** Whether bind slots and processes are shown. */
  readonly isAdmin: boolean;
}

/** Everything that happened to a message in the order of its times: `{at, what, …}`, with further keys by `what`. */
export function viewTimeline(
  message: Pick<MessageHead, "tmCreate" | "direction">,
  { trails, events, attempts }: Recount,
  view: TimelineView,
): readonly Readonly<Record<string, unknown>>[] {
  const began = message.direction === "inbound" ? "received" : "accepted";
  const facts: Fact[] = [
    { at: message.tmCreate, shown: { what: began } },
    ...trails.flatMap(({ n, trail }) => trail.map((entry) => factOfTrail(n, entry, view))),
    ...events.map(factOfEvent),
    ...attempts.map(factOfAttempt),
  ];
  return facts
    .toSorted((one, other) => one.at - other.at)
    .map(({ at, shown }) => ({ at: formatMicros(at), ...shown }));
}

function factOfTrail(n: number, entry: TrailEntry, { nameOf, removedNames, isAdmin }: TimelineView): Fact {
  const { at, what, carrier, bind, node, attempt, tookMs, words } = entry;
  const removed = removedNames.get(carrier ?? "");
  return {
    at,
    shown: {
      what,
      target: n,
      ...(carrier !== undefined && { carrier: nameOf(carrier) }),
      ...(removed !== undefined && { removed_carrier: removed }),
      ...(attempt !== undefined && { attempt }),
      ...(tookMs !== undefined && { took_ms: tookMs }),
      ...(words !== undefined && { words }),
      ...(isAdmin && bind !== undefined && { bind }),
      ...(isAdmin && node !== undefined && { node }),
    },
  };
}

function factOfEvent({ id, type, version, changed }: MessageEvent): Fact {
  const shown = { what: "event", event_id: id, type, version, targets: changed };
  return { at: timeOfId(id), shown };
}

function factOfAttempt({ at, endpointId, event, attempt, statusCode, error, tookMs }: LoggedAttempt): Fact {
  return {
    at,
    shown: {
      what: "webhook",
      webhook_id: endpointId,
      event_id: event.id,
      type: event.type,
      attempt,
      status_code: statusCode,
      error,
      took_ms: tookMs,
    },
  };
}
