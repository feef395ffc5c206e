import type { CustomerId, EndpointId, EventId, MessageId } from "../../domain/ids.ts";
import type { Delivery, DeliveryClaim } from "../announcing.ts";
import { EVENT_CODES, wordOf } from "./column-codes.ts";
import { bytes, integer, type Row, text, textOrNull } from "./connection.ts";
import { bytesToId, idToBytes } from "./id-bytes.ts";
import { createMessageReader, decodeMessage } from "./message-wire.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** A claim ends early once its messages have this many targets together, or its kept bodies this many characters. */
const CLAIM_MAX_TARGETS = 5_000;
const CLAIM_MAX_CHARACTERS = 4_000_000;

/** Says how a delivery is described: what follows it on the wire. */
const [IS_BODY, IS_MESSAGE] = [0, 1];

export function encodeDeliveryClaim({ endpointId, now, leaseUntil, limit }: DeliveryClaim): Wire {
  return ["claimDeliveries", endpointId, now, leaseUntil, limit];
}

export function decodeDeliveries(answer: WireReader, endpointId: EndpointId): Delivery[] {
  return answer.list((item) => {
    const customerId = item.text() as CustomerId; // the bytes of a customer_id column
    const messageId = item.text() as MessageId; // the bytes of a message_id column
    const id = item.text() as EventId; // the bytes of an event_id column
    const [type, version, changed] = [wordOf(EVENT_CODES, item.number()), item.number(), item.text()];
    const event = { id, customerId, messageId, type, version, changed: indexesOf(changed) };
    const attempts = item.number();
    const isMessage = item.number() === IS_MESSAGE;
    const body = isMessage ? null : item.text();
    const message = isMessage ? decodeMessage(item) : null;
    return { endpointId, messageId, eventId: id, event, attempts, body, message };
  });
}

function indexesOf(column: string): number[] {
  return column === "" ? [] : column.split(",").map(Number);
}

export const CLAIM_DELIVERIES_SQL = {
  select: `
    SELECT d.customer_id, d.message_id, d.event_id, d.attempts, d.body, e.type, e.version, e.changed, e.open
    FROM deliveries d INDEXED BY deliveries_due
      JOIN events e ON e.customer_id = d.customer_id AND e.message_id = d.message_id AND e.event_id = d.event_id
    WHERE d.endpoint_id = ? AND d.blocked = 0 AND d.due_at <= ? ORDER BY d.due_at LIMIT ?`,
  lease: "UPDATE deliveries SET due_at = ? WHERE endpoint_id = ? AND message_id = ? AND event_id = ?",
  close: "UPDATE events SET open = 0 WHERE customer_id = ? AND message_id = ? AND event_id = ?",
} as const;

/** Leases due deliveries, closes their events, and adds what the first attempt renders. */
export function claimDeliveries({ connection }: WriterContext): Operation {
  const select = connection.prepare(CLAIM_DELIVERIES_SQL.select);
  const lease = connection.prepare(CLAIM_DELIVERIES_SQL.lease);
  const close = connection.prepare(CLAIM_DELIVERIES_SQL.close);
  const messages = createMessageReader(connection);

  function describe(row: Row): { wire: Wire; weight: number } | null {
    const [customer, message] = [bytes(row[0]), bytes(row[1])];
    const head: Wire = [bytesToId(customer), bytesToId(message), bytesToId(bytes(row[2]))];
    head.push(integer(row[5]), integer(row[6]), text(row[7]), integer(row[3]));
    const body = textOrNull(row[4] ?? null);
    if (body !== null) return { wire: [...head, IS_BODY, body], weight: body.length / CLAIM_MAX_CHARACTERS };
    const whole = messages.readDeletedToo(customer, message);
    if (whole === null) return null;
    return { wire: [...head, IS_MESSAGE, ...whole.wire], weight: whole.targets / CLAIM_MAX_TARGETS };
  }

  return (request) => {
    const endpoint = idToBytes(request.text());
    const [now, leaseUntil, limit] = [request.number(), request.number(), request.number()];
    const answer: Wire = [0];
    let claimed = 0;
    let weight = 0;
    for (const row of select.all(endpoint, now, limit)) {
      if (weight >= 1) break;
      const described = describe(row);
      if (described === null) continue;
      lease.run(leaseUntil, endpoint, bytes(row[1]), bytes(row[2]));
      if (row[8] === 1) close.run(bytes(row[0]), bytes(row[1]), bytes(row[2]));
      answer.push(...described.wire);
      claimed++;
      weight += described.weight;
    }
    answer[0] = claimed;
    return answer;
  };
}
