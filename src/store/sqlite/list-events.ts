import type { FedEvent } from "../recounting.ts";
import type { Connection, Row } from "./connection.ts";
import { EVENT_COLUMNS, readEvent } from "./event-rows.ts";
import { idToBytesOrNull } from "./id-bytes.ts";
import type { Operation } from "./writer-context.ts";

export const LIST_EVENTS_SQL = `
  SELECT ${EVENT_COLUMNS}, e.open FROM events e INDEXED BY events_by_customer
  WHERE e.customer_id = ? AND e.event_id > ? ORDER BY e.event_id LIMIT ?`;

/** A customer's events after one of them, oldest first, as JSON. */
export function listEvents(connection: Connection): Operation {
  const select = connection.prepare(LIST_EVENTS_SQL);
  return (request) => {
    const [customer, after] = [idToBytesOrNull(request.text()), idToBytesOrNull(request.text())];
    if (customer === null || after === null) return ["[]"];
    return [JSON.stringify(select.all(customer, after, request.number()).map((row) => readFed(row)))];
  };
}

function readFed(row: Row): FedEvent {
  return { ...readEvent(row), isOpen: row[6] === 1 };
}
