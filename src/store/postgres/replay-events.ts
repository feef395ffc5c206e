import { EVENT_TYPES, type EventType } from "../../domain/event.ts";
import { firstIdAt, isUuid } from "../../domain/ids.ts";
import type { RecountStore } from "../recounting.ts";
import { ids, numbers } from "./array-literals.ts";
import { EVENT_CODES } from "./column-codes.ts";
import type { Session } from "./connection.ts";
import { moveTargets } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

/** Events of a span that one call looks at: others' commits must not wait for a customer's years. */
const EVENTS_LOOKED_AT = 20_000;

export const REPLAY_SQL = {
  endpoint: {
    name: "replay_endpoint",
    text: "SELECT events FROM endpoints WHERE endpoint_id = $1 AND customer_id = $2",
  },
  named: {
    name: "replay_named",
    text: `
    SELECT e.message_id, e.event_id FROM unnest($2::uuid[]) AS u (e) CROSS JOIN LATERAL (
      SELECT message_id, event_id FROM events v WHERE v.customer_id = $1 AND v.event_id = u.e LIMIT 1) e
    ORDER BY e.event_id LIMIT $3`,
  },
  span: {
    name: "replay_span",
    text: `
    SELECT message_id, event_id FROM (
      SELECT message_id, event_id, type FROM events
      WHERE customer_id = $1 AND event_id >= $2 AND event_id < $3 ORDER BY event_id LIMIT ${EVENTS_LOOKED_AT}) AS e
    WHERE type = ANY ($4::smallint[]) ORDER BY event_id LIMIT $5`,
  },
  /**
   * The bytes that were given up go again; else the event is rendered anew. Waits for whatever of its message is on its way,
   * and for the earlier ones of this call. An event whose message was removed since it was found is left out.
   */
  add: {
    name: "replay_add",
    text: `
    INSERT INTO deliveries (endpoint_id, message_id, event_id, customer_id, attempts, due_at, blocked, body, logged)
    SELECT $1, u.m, u.e, $2, 0, $3,
      u.place > 1 OR EXISTS (SELECT 1 FROM deliveries d WHERE d.endpoint_id = $1 AND d.message_id = u.m),
      (SELECT k.body FROM undelivered k
       WHERE k.customer_id = $2 AND k.message_id = u.m AND k.event_id = u.e AND k.endpoint_id = $1),
      (SELECT coalesce(max(a.n), 0) FROM attempts a
       WHERE a.customer_id = $2 AND a.message_id = u.m AND a.event_id = u.e AND a.endpoint_id = $1)
    FROM (SELECT m, e, row_number() OVER (PARTITION BY m ORDER BY e) AS place FROM unnest($4::uuid[], $5::uuid[]) AS t (m, e)) AS u
    WHERE (SELECT 1 FROM events v WHERE v.customer_id = $2 AND v.message_id = u.m AND v.event_id = u.e LIMIT 1) IS NOT NULL
    ON CONFLICT DO NOTHING`,
  },
} as const;

type ReplayRequest = Parameters<RecountStore["replayEvents"]>[0];

interface FoundRow {
  readonly message_id: string;
  readonly event_id: string;
}

/** Puts events on their way to an endpoint again; those that still are on it stay as they are. Answers how many. */
export async function replayEvents(context: WriterContext, request: ReplayRequest): Promise<number> {
  const { customerId, endpointId, now } = request;
  if (!isUuid(customerId) || !isUuid(endpointId)) return 0;
  return moveTargets(context, async ({ session, targets, wakes }) => {
    const [endpoint] = await session.rows<{ events: string }>(REPLAY_SQL.endpoint, [endpointId, customerId]);
    if (endpoint === undefined) return 0;
    const found = await find(session, JSON.parse(endpoint.events) as EventType[], request); // only putEndpoint writes it
    if (found.length === 0) return 0;
    await targets.hold(found.map((row) => ({ customerId, messageId: row.message_id, n: 0 })));
    const columns = [ids(found.map((row) => row.message_id)), ids(found.map((row) => row.event_id))];
    const added = await session.run(REPLAY_SQL.add, [endpointId, customerId, now, ...columns]);
    if (added > 0) wakes.deliveries(endpointId);
    return added;
  });
}

function find(
  session: Session,
  wanted: readonly EventType[],
  { customerId, which, limit }: ReplayRequest,
): Promise<FoundRow[]> {
  if ("from" in which) {
    const types = numbers((wanted.length === 0 ? EVENT_TYPES : wanted).map((type) => EVENT_CODES[type]));
    const range = [firstIdAt(which.from), firstIdAt(which.until)];
    return session.rows<FoundRow>(REPLAY_SQL.span, [customerId, ...range, types, limit]);
  }
  const named = ids([...new Set(which)].filter((id) => isUuid(id)));
  return session.rows<FoundRow>(REPLAY_SQL.named, [customerId, named, limit]);
}
