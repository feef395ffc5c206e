import { EVENT_TYPES, type EventType } from "../../domain/event.ts";
import { firstIdAt } from "../../domain/ids.ts";
import type { RecountStore } from "../recounting.ts";
import { EVENT_CODES } from "./column-codes.ts";
import { bytes, type Row, text } from "./connection.ts";
import { bytesToId, idToBytes, idToBytesOrNull } from "./id-bytes.ts";
import { readJson } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Events of a span that one call looks at: the writer must not be held up by a customer's years. */
const EVENTS_LOOKED_AT = 20_000;

export const REPLAY_SQL = {
  endpoint: "SELECT events FROM endpoints WHERE endpoint_id = ? AND customer_id = ?",
  one: "SELECT message_id, event_id FROM events INDEXED BY events_by_customer WHERE customer_id = ? AND event_id = ?",
  span: `
    SELECT message_id, event_id FROM (
      SELECT message_id, event_id, type FROM events INDEXED BY events_by_customer
      WHERE customer_id = ? AND event_id >= ? AND event_id < ? ORDER BY event_id LIMIT ${EVENTS_LOOKED_AT})
    WHERE type IN (SELECT value FROM json_each(?)) ORDER BY event_id LIMIT ?`,
  /** The bytes that were given up go again; else the event is rendered anew. Waits for whatever of its message is on its way. */
  add: `
    INSERT INTO deliveries (endpoint_id, message_id, event_id, customer_id, attempts, due_at, blocked, body, logged)
    VALUES (?1, ?2, ?3, ?4, 0, ?5,
      EXISTS (SELECT 1 FROM deliveries WHERE endpoint_id = ?1 AND message_id = ?2),
      (SELECT body FROM undelivered WHERE customer_id = ?4 AND message_id = ?2 AND event_id = ?3 AND endpoint_id = ?1),
      (SELECT coalesce(max(n), 0) FROM attempts
       WHERE customer_id = ?4 AND message_id = ?2 AND event_id = ?3 AND endpoint_id = ?1))
    ON CONFLICT DO NOTHING`,
} as const;

/** Puts events on their way to an endpoint again; those that still are on it stay as they are. Answers how many. */
export function replayEvents({ connection, events, wakes }: WriterContext): Operation {
  const endpointOf = connection.prepare(REPLAY_SQL.endpoint);
  const one = connection.prepare(REPLAY_SQL.one);
  const span = connection.prepare(REPLAY_SQL.span);
  const add = connection.prepare(REPLAY_SQL.add);

  function find(customer: Uint8Array, wanted: readonly EventType[], request: ReplayRequest): Row[] {
    const { which, limit } = request;
    if ("from" in which) {
      const [from, until] = [idToBytes(firstIdAt(which.from)), idToBytes(firstIdAt(which.until))];
      const types = (wanted.length === 0 ? EVENT_TYPES : wanted).map((type) => EVENT_CODES[type]);
      return span.all(customer, from, until, JSON.stringify(types), limit);
    }
    const ids = [...new Set(which)].toSorted().map((id) => idToBytesOrNull(id));
    return ids.flatMap((id) => (id === null ? [] : one.all(customer, id))).slice(0, limit);
  }

  return (input) => {
    const request = readJson(input) as ReplayRequest;
    const [customer, endpoint] = [idToBytesOrNull(request.customerId), idToBytesOrNull(request.endpointId)];
    if (customer === null || endpoint === null) return [0];
    const known = endpointOf.get(endpoint, customer);
    if (known === undefined) return [0];
    const wanted = JSON.parse(text(known[0])) as EventType[]; // only putEndpoint writes it
    let added = 0;
    for (const row of find(customer, wanted, request)) {
      added += Number(add.run(endpoint, bytes(row[0]), bytes(row[1]), customer, request.now).changes);
      events.deliveriesWereMade(bytesToId(bytes(row[0])));
    }
    if (added > 0) wakes.deliveries(request.endpointId);
    return [added];
  };
}

type ReplayRequest = Parameters<RecountStore["replayEvents"]>[0];
