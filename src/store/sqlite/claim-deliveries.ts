import type { CustomerId, EndpointId, EventId, MessageId } from "../../domain/ids.ts";
import type { Delivery, DeliveryClaim } from "../announcing.ts";
import { EVENT_CODES, wordOf } from "./column-codes.ts";
import { integer, type Row, text, textOrNull } from "./connection.ts";
import { ERASED_BODY } from "./delivery-rows.ts";
import { createDeliveryDrop } from "./drop-deliveries.ts";
import type { KnownEvent } from "./event-folder.ts";
import { hexToId, idToBytes } from "./id-bytes.ts";
import { createMessageReader, decodeMessage } from "./message-wire.ts";
import { SETTLE_DELIVERIES_SQL } from "./settle-deliveries.ts";
import { type TargetRef, targetRef } from "./target-rows.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** A claim ends early once the targets of its messages weigh this much (page-weight.ts), or its kept bodies have this many characters. */
const CLAIM_MAX_TARGETS = 5_000;
const CLAIM_MAX_BODY_CHARACTERS = 4_000_000;

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
    SELECT hex(customer_id), hex(message_id), hex(event_id), attempts, body, attempts + logged FROM deliveries INDEXED BY deliveries_due
    WHERE endpoint_id = ? AND blocked = 0 AND due_at <= ? ORDER BY due_at LIMIT ?`,
  endpoint: "SELECT 1 FROM endpoints WHERE endpoint_id = ?",
  lease:
    "UPDATE deliveries SET due_at = ?, claimed = 1 WHERE endpoint_id = ? AND message_id = ? AND event_id = ?",
} as const;

/**
 * Leases due deliveries, closes their events, and adds what the first attempt renders. A delivery whose message or event is
 * gone is dropped: it would come back after every lease, with nothing to tell.
 */
export function claimDeliveries({ connection, deliveries, events, wakes }: WriterContext): Operation {
  const select = connection.prepare(CLAIM_DELIVERIES_SQL.select);
  const lease = connection.prepare(CLAIM_DELIVERIES_SQL.lease);
  const knows = connection.prepare(CLAIM_DELIVERIES_SQL.endpoint);
  const drop = createDeliveryDrop(connection);
  const remove = connection.prepare(SETTLE_DELIVERIES_SQL.remove);
  const release = connection.prepare(SETTLE_DELIVERIES_SQL.release);
  const messages = createMessageReader(connection);

  /** Appends what is to be delivered; answers its share of what a claim may hold, null when there is nothing to tell. */
  function append(wire: Wire, message: TargetRef, event: KnownEvent, row: Row): number | null {
    const from = wire.length;
    wire.push(
      message.customerId,
      message.messageId,
      event.id,
      EVENT_CODES[event.type],
      event.version,
      event.changed,
    );
    wire.push(integer(row[3]));
    const body = textOrNull(row[4] ?? null);
    if (body !== null && body !== ERASED_BODY) {
      wire.push(IS_BODY, body);
      return body.length / CLAIM_MAX_BODY_CHARACTERS;
    }
    wire.push(IS_MESSAGE);
    const weight = messages.appendDeletedToo(wire, message);
    if (weight === null) wire.length = from;
    return weight === null ? null : weight / CLAIM_MAX_TARGETS;
  }

  /** Claims one delivery; its share as {@link append} answers it. */
  function claim(
    wire: Wire,
    endpointId: string,
    endpoint: Uint8Array,
    row: Row,
    leaseUntil: number,
  ): number | null {
    const message = targetRef(hexToId(text(row[0])), hexToId(text(row[1])), 0);
    const eventId = hexToId(text(row[2]));
    const eventBytes = idToBytes(eventId);
    const event = events.tell(message, eventBytes, eventId);
    const share = event === undefined ? null : append(wire, message, event, row);
    if (share === null) {
      remove.run(endpoint, message.message, eventBytes);
      release.run(endpoint, message.message);
      wakes.deliveries(endpointId); // a claim that brings less than was due says that there is no more
      return null;
    }
    lease.run(leaseUntil, endpoint, message.message, eventBytes);
    if (row[4] !== ERASED_BODY) deliveries.claimed(endpointId, eventId, integer(row[5]));
    return share;
  }

  return (request) => {
    const endpointId = request.text();
    const endpoint = idToBytes(endpointId);
    const [now, leaseUntil, limit] = [request.number(), request.number(), request.number()];
    const answer: Wire = [0];
    if (knows.get(endpoint) === undefined) {
      drop(endpoint); // a process that died while it removed the endpoint left them behind
      return answer;
    }
    let claimed = 0;
    let share = 0;
    for (const row of select.all(endpoint, now, limit)) {
      if (share >= 1) break;
      const its = claim(answer, endpointId, endpoint, row, leaseUntil);
      if (its === null) continue;
      claimed++;
      share += its;
    }
    answer[0] = claimed;
    return answer;
  };
}
