import { bytes, type Connection, type Row } from "./connection.ts";
import { ATTEMPT_COLUMNS, readAttempt } from "./event-rows.ts";
import { idToBytesOrNull } from "./id-bytes.ts";
import { beforeBytes } from "./page-start.ts";
import type { Operation } from "./writer-context.ts";

/** Endpoints that a customer has or had which one page looks at; attempts of one event that it tells at most. */
const ENDPOINTS_AT_MOST = 1_000;
const ATTEMPTS_OF_EVENT_AT_MOST = 1_000;

const WITH_EVENT = `
  JOIN events e ON e.customer_id = a.customer_id AND e.message_id = a.message_id AND e.event_id = a.event_id`;

export const LIST_ATTEMPTS_SQL = {
  /** Goes from endpoint to endpoint along the index, removed ones included. */
  endpoints: `
    WITH RECURSIVE logged (endpoint_id) AS (
      SELECT min(endpoint_id) FROM attempts INDEXED BY attempts_by_endpoint WHERE customer_id = ?1
      UNION ALL
      SELECT (SELECT min(a.endpoint_id) FROM attempts a INDEXED BY attempts_by_endpoint
              WHERE a.customer_id = ?1 AND a.endpoint_id > logged.endpoint_id)
      FROM logged WHERE logged.endpoint_id IS NOT NULL
    )
    SELECT endpoint_id FROM logged WHERE endpoint_id IS NOT NULL LIMIT ${ENDPOINTS_AT_MOST}`,
  ofEndpoint: `
    SELECT ${ATTEMPT_COLUMNS} FROM attempts a INDEXED BY attempts_by_endpoint ${WITH_EVENT}
    WHERE a.customer_id = ? AND a.endpoint_id = ? AND a.event_id < ? ORDER BY a.event_id DESC, a.n DESC LIMIT ?`,
  ofEvent: `
    SELECT ${ATTEMPT_COLUMNS} FROM attempts a ${WITH_EVENT}
    WHERE a.customer_id = ? AND a.message_id = ? AND a.event_id = ? LIMIT ${ATTEMPTS_OF_EVENT_AT_MOST}`,
} as const;

/**
 * A page of the attempt log, newest event first, as JSON. Its last event comes with all its attempts, so that the next page
 * can begin before it; the page may be longer than asked for by those.
 */
export function listAttempts(connection: Connection): Operation {
  const endpoints = connection.prepare(LIST_ATTEMPTS_SQL.endpoints);
  const ofEndpoint = connection.prepare(LIST_ATTEMPTS_SQL.ofEndpoint);
  const ofEvent = connection.prepare(LIST_ATTEMPTS_SQL.ofEvent);

  function withWholeLast(page: readonly Row[], customer: Uint8Array, endpoint: Uint8Array | null): Row[] {
    const last = page.at(-1);
    if (last === undefined) return [];
    const event = bytes(last[0]);
    const others = page.filter((row) => Buffer.compare(bytes(row[0]), event) !== 0);
    const whole = ofEvent.all(customer, bytes(last[2]), event);
    const wanted = whole.filter((row) => endpoint === null || Buffer.compare(bytes(row[6]), endpoint) === 0);
    return [...others, ...wanted.toSorted(newestFirst)];
  }

  return (request) => {
    const customer = idToBytesOrNull(request.text());
    const endpointId = request.textOrNull();
    const [before, limit] = [beforeBytes(request.textOrNull()), request.number()];
    const endpoint = endpointId === null ? null : idToBytesOrNull(endpointId);
    if (customer === null || before === null || (endpointId !== null && endpoint === null)) return ["[]"];
    const asked = endpoint === null ? endpoints.all(customer).map((row) => bytes(row[0])) : [endpoint];
    const rows = asked.flatMap((one) => ofEndpoint.all(customer, one, before, limit)).toSorted(newestFirst);
    const page = rows.length < limit ? rows : withWholeLast(rows.slice(0, limit), customer, endpoint);
    return [JSON.stringify(page.map((row) => readAttempt(row)))];
  };
}

/** By event, then by time. */
function newestFirst(a: Row, b: Row): number {
  return Buffer.compare(bytes(b[0]), bytes(a[0])) || Number(b[8]) - Number(a[8]);
}
