import type { MessageEvent } from "../../domain/event.ts";
import type { CustomerId, EndpointId, EventId, MessageId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { LoggedAttempt } from "../recounting.ts";
import { EVENT_CODES, wordOf } from "./column-codes.ts";
import { bytes, integer, integerOrNull, type Row, text } from "./connection.ts";
import { bytesToId } from "./id-bytes.ts";

/** The columns of an event `e` in the order that {@link readEvent} takes them. */
export const EVENT_COLUMNS = "e.event_id, e.customer_id, e.message_id, e.type, e.version, e.changed";

/** The columns of an attempt `a` and its event `e` in the order that {@link readAttempt} takes them. */
export const ATTEMPT_COLUMNS = `${EVENT_COLUMNS}, a.endpoint_id, a.n, a.at, a.took_ms, a.status_code, a.error, a.answer`;

export function readEvent(row: Row): MessageEvent {
  const changed = text(row[5]);
  return {
    id: bytesToId(bytes(row[0])) as EventId, // an event_id column
    customerId: bytesToId(bytes(row[1])) as CustomerId, // a customer_id column
    messageId: bytesToId(bytes(row[2])) as MessageId, // a message_id column
    type: wordOf(EVENT_CODES, integer(row[3])),
    version: integer(row[4]),
    changed: changed === "" ? [] : changed.split(",").map(Number),
  };
}

export function readAttempt(row: Row): LoggedAttempt {
  return {
    event: readEvent(row),
    endpointId: bytesToId(bytes(row[6])) as EndpointId, // an endpoint_id column
    attempt: integer(row[7]),
    at: micros(integer(row[8])),
    tookMs: integer(row[9]),
    statusCode: integerOrNull(row[10]),
    error: text(row[11]),
    answer: text(row[12]),
  };
}
