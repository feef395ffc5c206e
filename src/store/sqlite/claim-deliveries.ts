import type { CustomerId, EndpointId, EventId, MessageId } from "../../domain/ids.ts";
import type { Delivery, DeliveryClaim } from "../announcing.ts";
import { EVENT_CODES, wordOf } from "./column-codes.ts";
import { integer, type Row, text, textOrNull } from "./connection.ts";
import { ERASED_BODY } from "./delivery-rows.ts";
import { createDeliveryDrop } from "./drop-deliveries.ts";
import type { KnownEvent } from "./event-folder.ts";
import { hexToId, idToBytes } from "./id-bytes.ts";
import { createMessageReader, decodeMessage, type MessageRef } from "./message-wire.ts";
import { LEASE_FROM_BIRTH_MICROS } from "./reserved-deliveries.ts";
import { SETTLE_DELIVERIES_SQL } from "./settle-deliveries.ts";
import { targetRef } from "./target-rows.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** A claim ends early once the targets of its messages weigh this much (page-weight.ts), or its kept bodies have this many characters. */
const CLAIM_MAX_TARGETS = 5_000;
const CLAIM_MAX_BODY_CHARACTERS = 4_000_000;

/** Says how a delivery is described: what follows it on the wire. */
const [IS_BODY, IS_MESSAGE] = [0, 1];

export function encodeDeliveryClaim(claim: DeliveryClaim): Wire {
  const { endpointId, now, leaseUntil, limit, reserveUntil = null } = claim;
  return ["claimDeliveries", endpointId, now, leaseUntil, limit, reserveUntil];
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
    SELECT hex(customer_id), hex(message_id), hex(event_id), attempts, body, attempts + logged, due_at
    FROM deliveries INDEXED BY deliveries_due
    WHERE endpoint_id = ? AND blocked = 0 AND due_at <= ? ORDER BY due_at LIMIT ?`,
  endpoint: "SELECT 1 FROM endpoints WHERE endpoint_id = ?",
  lease:
    "UPDATE deliveries SET due_at = ?, claimed = 1 WHERE endpoint_id = ? AND message_id = ? AND event_id = ?",
} as const;

/** A delivery that is due. */
interface Due {
  readonly message: MessageRef;
  readonly event: Uint8Array;
  readonly eventId: string;
  readonly attempts: number;
  /** How many attempts were logged, those before a replay among them. */
  readonly logged: number;
  readonly body: string | null;
  /** When the lease ends that it has already. */
  readonly leasedUntil: number;
}

/**
 * Leases due deliveries, closes their events, and adds what the first attempt renders. A delivery whose message or event is
 * gone is dropped: it would come back after every lease, with nothing to tell.
 */
export function claimDeliveries({ connection, deliveries, events, wakes }: WriterContext): Operation {
  const { reserved } = deliveries;
  const select = connection.prepare(CLAIM_DELIVERIES_SQL.select);
  const lease = connection.prepare(CLAIM_DELIVERIES_SQL.lease);
  const knows = connection.prepare(CLAIM_DELIVERIES_SQL.endpoint);
  const drop = createDeliveryDrop(connection);
  const remove = connection.prepare(SETTLE_DELIVERIES_SQL.remove);
  const release = connection.prepare(SETTLE_DELIVERIES_SQL.release);
  const messages = createMessageReader(connection);

  /** Goes through what is due to an endpoint, the oldest first: the rows that are, and what was made for this claim. */
  function dueTo(endpointId: string, rows: readonly Row[], now: number): () => Due | undefined {
    let at = 0;
    return () => {
      const [row, made] = [rows[at], reserved.next(endpointId, now)];
      if (row !== undefined && (made === undefined || integer(row[6]) <= made.madeAt)) {
        at++;
        return dueOf(row);
      }
      if (made === undefined) return undefined;
      reserved.take(endpointId);
      const leasedUntil = made.madeAt + LEASE_FROM_BIRTH_MICROS;
      const { event, eventId } = made;
      const body = made.isErased ? ERASED_BODY : null;
      return { message: made, event, eventId, attempts: 0, logged: 0, body, leasedUntil };
    };
  }

  /** Appends what is to be delivered; answers its share of what a claim may hold, null when there is nothing to tell. */
  function append(wire: Wire, { message, attempts, body }: Due, event: KnownEvent): number | null {
    const from = wire.length;
    wire.push(
      message.customerId,
      message.messageId,
      event.id,
      EVENT_CODES[event.type],
      event.version,
      event.changed,
    );
    wire.push(attempts);
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
    due: Due,
    leaseUntil: number,
  ): number | null {
    const { message, event, eventId } = due;
    const known = events.tell(message, event, eventId);
    const share = known === undefined ? null : append(wire, due, known);
    if (share === null) {
      remove.run(endpoint, message.message, event);
      release.run(endpoint, message.message);
      wakes.deliveries(endpointId); // a claim that brings less than was due says that there is no more
      return null;
    }
    if (due.leasedUntil < leaseUntil) lease.run(leaseUntil, endpoint, message.message, event);
    if (due.body !== ERASED_BODY) deliveries.claimed(endpointId, eventId, due.logged);
    return share;
  }

  return (request) => {
    const endpointId = request.text();
    const endpoint = idToBytes(endpointId);
    const [now, leaseUntil, limit] = [request.number(), request.number(), request.number()];
    const reserveUntil = request.numberOrNull();
    const answer: Wire = [0];
    if (knows.get(endpoint) === undefined) {
      reserved.forget(endpointId);
      drop(endpoint); // a process that died while it removed the endpoint left them behind
      return answer;
    }
    const next = dueTo(endpointId, select.all(endpoint, now, limit), now);
    let claimed = 0;
    let share = 0;
    while (claimed < limit && share < 1) {
      const due = next();
      if (due === undefined) {
        if (reserveUntil !== null) reserved.reserve(endpointId, reserveUntil); // who lags behind takes all in its order
        break;
      }
      const its = claim(answer, endpointId, endpoint, due, leaseUntil);
      if (its === null) continue;
      claimed++;
      share += its;
    }
    answer[0] = claimed;
    return answer;
  };
}

function dueOf(row: Row): Due {
  const eventId = hexToId(text(row[2]));
  return {
    message: targetRef(hexToId(text(row[0])), hexToId(text(row[1])), 0),
    event: idToBytes(eventId),
    eventId,
    attempts: integer(row[3]),
    logged: integer(row[5]),
    body: textOrNull(row[4] ?? null),
    leasedUntil: 0,
  };
}
