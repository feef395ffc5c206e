import type { TrailEntry } from "../../domain/trail.ts";
import type { Recount } from "../recounting.ts";
import { type Connection, integer, text } from "./connection.ts";
import { ATTEMPT_COLUMNS, EVENT_COLUMNS, readAttempt, readEvent } from "./event-rows.ts";
import { idToBytesOrNull } from "./id-bytes.ts";
import type { Operation } from "./writer-context.ts";

/** Events and attempts of one message that are told at most: more than a message of 1,000 targets comes to. */
const ROWS_AT_MOST = 10_000;

export const RECOUNT_SQL = {
  exists: "SELECT 1 FROM messages WHERE customer_id = ? AND message_id = ?",
  trails: "SELECT n, trail FROM targets WHERE customer_id = ? AND message_id = ? ORDER BY n",
  events: `
    SELECT ${EVENT_COLUMNS} FROM events e WHERE e.customer_id = ? AND e.message_id = ? ORDER BY e.event_id
    LIMIT ${ROWS_AT_MOST}`,
  attempts: `
    SELECT ${ATTEMPT_COLUMNS} FROM attempts a
      JOIN events e ON e.customer_id = a.customer_id AND e.message_id = a.message_id AND e.event_id = a.event_id
    WHERE a.customer_id = ? AND a.message_id = ? ORDER BY a.event_id, a.endpoint_id, a.n LIMIT ${ROWS_AT_MOST}`,
} as const;

/** Everything that is known of a message's way, as JSON; null when there is no such message. */
export function readRecount(connection: Connection): Operation {
  const exists = connection.prepare(RECOUNT_SQL.exists);
  const trails = connection.prepare(RECOUNT_SQL.trails);
  const events = connection.prepare(RECOUNT_SQL.events);
  const attempts = connection.prepare(RECOUNT_SQL.attempts);
  return (request) => {
    const [customer, message] = [idToBytesOrNull(request.text()), idToBytesOrNull(request.text())];
    if (customer === null || message === null || exists.get(customer, message) === undefined) return [null];
    const key = [customer, message] as const;
    const recount: Recount = {
      trails: trails.all(...key).map((row) => ({
        n: integer(row[0]),
        trail: JSON.parse(`[${text(row[1])}]`) as TrailEntry[], // only trailColumn writes it
      })),
      events: events.all(...key).map((row) => readEvent(row)),
      attempts: attempts.all(...key).map((row) => readAttempt(row)),
    };
    return [JSON.stringify(recount)];
  };
}
