import type { CarrierId, EndpointId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { QueueDepth } from "../queueing.ts";
import { bytes, type Connection, integer, integerOrNull } from "./connection.ts";
import { bytesToId, idToBytesOrNull } from "./id-bytes.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation } from "./writer-context.ts";

const EARLIEST_OF_PRIORITY = [0, 1, 2].map(
  (priority) => `SELECT min(due_at) AS due_at FROM queue INDEXED BY queue_claim
    WHERE carrier_id = ?1 AND held = 0 AND priority = ${priority}`,
);

/** One look at the beginning of each priority's range of the claim index. */
export const NEXT_DUE_SQL = `SELECT min(due_at) FROM (${EARLIEST_OF_PRIORITY.join(" UNION ALL ")})`;

/** When the carrier's next target falls due. */
export function nextDueAt(connection: Connection): Operation {
  const select = connection.prepare(NEXT_DUE_SQL);
  return (request) => {
    const carrier = idToBytesOrNull(request.text());
    return [carrier === null ? null : integerOrNull(select.get(carrier)?.[0] ?? null)];
  };
}

/** What every carrier has queued: counters that each commit keeps, so that nothing is counted. */
export function queueDepths(connection: Connection): Operation {
  const select = connection.prepare("SELECT carrier_id, waiting, in_flight, held FROM queue_depths");
  const earliest = connection.prepare(NEXT_DUE_SQL);
  return () => {
    const rows = select.all();
    const answer: Wire = [rows.length];
    for (const row of rows) {
      const carrier = bytes(row[0]);
      const oldest = integerOrNull(earliest.get(carrier)?.[0] ?? null);
      answer.push(bytesToId(carrier), integer(row[1]), oldest, integer(row[2]), integer(row[3]));
    }
    return answer;
  };
}

export function decodeDepths(answer: WireReader): QueueDepth[] {
  return answer.list((item) => {
    const carrierId = item.text() as CarrierId; // the bytes of a carrier_id column
    const waiting = item.number();
    const oldest = item.numberOrNull();
    const oldestDueAt = oldest === null ? null : micros(oldest);
    return { carrierId, waiting, oldestDueAt, inFlight: item.number(), held: item.number() };
  });
}

/** Goes from endpoint to endpoint along the index, so that a million deliveries of one cost no more than one. */
export const DUE_ENDPOINTS_SQL = `
  WITH RECURSIVE waiting (endpoint_id) AS (
    SELECT min(endpoint_id) FROM deliveries INDEXED BY deliveries_due WHERE blocked = 0
    UNION ALL
    SELECT (SELECT min(d.endpoint_id) FROM deliveries d INDEXED BY deliveries_due
            WHERE d.blocked = 0 AND d.endpoint_id > waiting.endpoint_id)
    FROM waiting WHERE waiting.endpoint_id IS NOT NULL
  )
  SELECT endpoint_id FROM waiting WHERE endpoint_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM deliveries d INDEXED BY deliveries_due
    WHERE d.endpoint_id = waiting.endpoint_id AND d.blocked = 0 AND d.due_at <= ?)
  LIMIT ?`;

/** Endpoints with deliveries that are due. */
export function dueEndpoints(connection: Connection): Operation {
  const select = connection.prepare(DUE_ENDPOINTS_SQL);
  return (request) => {
    const rows = select.all(request.number(), request.number());
    return [rows.length, ...rows.map((row) => bytesToId(bytes(row[0])))];
  };
}

export function decodeEndpointIds(answer: WireReader): EndpointId[] {
  return answer.list((item) => item.text() as EndpointId); // the bytes of an endpoint_id column
}

export const NEXT_DELIVERY_SQL =
  "SELECT min(due_at) FROM deliveries INDEXED BY deliveries_due WHERE endpoint_id = ? AND blocked = 0";

/** When the endpoint's next delivery falls due. */
export function nextDeliveryAt(connection: Connection): Operation {
  const select = connection.prepare(NEXT_DELIVERY_SQL);
  return (request) => {
    const endpoint = idToBytesOrNull(request.text());
    return [endpoint === null ? null : integerOrNull(select.get(endpoint)?.[0] ?? null)];
  };
}
