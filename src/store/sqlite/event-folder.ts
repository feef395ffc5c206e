import type { EventType } from "../../domain/event.ts";
import { type Ids, timeOfId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { TargetStatus } from "../../domain/target-status.ts";
import { absorbs } from "../absorbing.ts";
import { EVENT_CODES, wordOf } from "./column-codes.ts";
import { type Connection, integer, type Row, type Statement, text } from "./connection.ts";
import type { DeliveryRows } from "./delivery-rows.ts";
import { type EndpointCache, type Listening, wants } from "./endpoint-cache.ts";
import { hexToId, idToBytes } from "./id-bytes.ts";
import type { MessageRef } from "./message-wire.ts";
import { Recently } from "./recently.ts";
import type { RowInserter, RowInserters } from "./row-inserter.ts";
import type { TargetRef } from "./target-rows.ts";
import type { Wakes } from "./wakes.ts";
import type { TransactionPart } from "./writer-context.ts";

interface Change extends MessageRef {
  at: number;
  readonly changed: Set<number>;
  readonly statuses: Set<TargetStatus>;
}

/** An event as its row has it. Its id's bytes are made when they are needed: thousands are remembered, and few asked for again. */
export interface KnownEvent {
  readonly id: string;
  readonly type: EventType;
  version: number;
  /** Absorbs later changes: a `message_updated` that nobody was told of. */
  isOpen: boolean;
  /** Target indexes, comma-separated; empty for all. */
  changed: string;
  /** How many deliveries of this and earlier events of the message were ever made, as far as is known. */
  deliveries: "none" | "one" | "several";
}

/** Last events that are remembered: those of the messages that are on their way just now. */
const EVENTS_REMEMBERED = 10_000;

export const EVENTS_SQL = {
  close: "UPDATE events SET open = 0 WHERE customer_id = ? AND message_id = ? AND event_id = ? AND open = 1",
  /** Whether an endpoint has claimed the event or has it leased from its birth, or had an attempt at it. */
  wasTold: `
    SELECT 1 FROM attempts WHERE customer_id = ?1 AND message_id = ?2 AND event_id = ?3
    UNION ALL
    SELECT 1 FROM endpoints e CROSS JOIN deliveries d
      ON d.endpoint_id = e.endpoint_id AND d.message_id = ?2 AND d.event_id = ?3
    WHERE e.customer_id = ?1 AND d.claimed = 1
    LIMIT 1`,
} as const;

/**
 * Gathers the changes of a transaction and writes one event for each changed message: a `message_updated` that nobody was
 * told of yet absorbs them for a while (absorbing.ts), else a new one begins. Nothing follows `message_deleted`.
 */
export class EventFolder implements TransactionPart {
  readonly #ids: Ids;
  readonly #endpoints: EndpointCache;
  readonly #deliveries: DeliveryRows;
  readonly #wakes: Wakes;
  readonly #selectLast: Statement;
  readonly #select: Statement;
  readonly #insert: RowInserter;
  readonly #inserters: RowInserters;
  readonly #absorb: Statement;
  readonly #wasTold: Statement;
  readonly #close: Statement;
  /** A new one for each transaction: see docs/decisions/0016-what-is-on-its-way-stays-young.md. */
  #changes = new Map<string, Change>();
  /** The last event of a message, by the message's id. */
  readonly #last = new Recently<KnownEvent>(EVENTS_REMEMBERED);

  constructor(
    connection: Connection,
    ids: Ids,
    endpoints: EndpointCache,
    deliveries: DeliveryRows,
    wakes: Wakes,
    inserters: RowInserters,
  ) {
    this.#wakes = wakes;
    this.#inserters = inserters;
    this.#ids = ids;
    this.#endpoints = endpoints;
    this.#deliveries = deliveries;
    const columns = "hex(event_id), type, version, open, changed";
    this.#selectLast = connection.prepare(`
      SELECT ${columns} FROM events WHERE customer_id = ? AND message_id = ? ORDER BY event_id DESC LIMIT 1`);
    this.#select = connection.prepare(`
      SELECT ${columns} FROM events WHERE customer_id = ? AND message_id = ? AND event_id = ?`);
    const columns7 = "customer_id, message_id, event_id, type, version, open, changed";
    this.#insert = inserters.make(`INSERT INTO events (${columns7})`, 7);
    this.#absorb = connection.prepare(`
      UPDATE events SET version = ?, changed = ? WHERE customer_id = ? AND message_id = ? AND event_id = ?`);
    this.#wasTold = connection.prepare(EVENTS_SQL.wasTold);
    this.#close = connection.prepare(EVENTS_SQL.close);
  }

  /** Takes in that a target has a new status or new parts. */
  changed(target: TargetRef, status: TargetStatus, at: number): void {
    const change = this.#changes.get(target.messageId);
    if (change === undefined) {
      const { customer, message, customerId, messageId, n } = target;
      const [changed, statuses] = [new Set([n]), new Set([status])];
      this.#changes.set(messageId, { customer, message, customerId, messageId, at, changed, statuses });
      return;
    }
    change.changed.add(target.n);
    change.statuses.add(status);
    change.at = Math.max(change.at, at);
  }

  /** Writes `message_created`, the first event of its message. */
  created(message: MessageRef, id: string, at: number): void {
    const event = this.#begin(message, id, "message_created", "", "none");
    for (const listening of this.#endpoints.of(message.customerId, message.customer)) {
      if (!wants(listening, "message_created", null)) continue;
      this.#deliver(listening, message, event, at);
    }
  }

  /** Writes `message_deleted`, after the changes that this transaction made before. */
  deleted(message: MessageRef, wanted: string, at: number): void {
    this.beforeCommit();
    const last = this.#lastOf(message);
    const event = this.#begin(
      message,
      laterThan(last, wanted, this.#ids),
      "message_deleted",
      "",
      last?.deliveries ?? "none",
    );
    this.#announce(message, event, null, at);
  }

  /** Answers an event that somebody is told of from now on: it absorbs nothing more. Undefined when there is none. */
  tell(message: MessageRef, event: Uint8Array, eventId: string): KnownEvent | undefined {
    const remembered = this.#last.get(message.messageId);
    const known = remembered?.id === eventId ? remembered : this.#read(message, event);
    if (known !== undefined) known.isOpen = false;
    return known;
  }

  /** Makes an event absorb nothing more: somebody was told of it who is no endpoint. */
  close(message: MessageRef, event: Uint8Array, eventId: string): void {
    const remembered = this.#last.get(message.messageId);
    if (remembered?.id === eventId) remembered.isOpen = false;
    this.#inserters.flush();
    this.#close.run(message.customer, message.message, event);
  }

  /** Whether a delivery of the message may wait for an earlier one. */
  mayHaveWaiting(messageId: string): boolean {
    return this.#last.get(messageId)?.deliveries !== "one";
  }

  /** Takes in that deliveries of the message were made which it did not make itself. */
  deliveriesWereMade(messageId: string): void {
    this.#last.forget(messageId);
  }

  /** Takes in that the message is gone. */
  forget(messageId: string): void {
    this.#last.forget(messageId);
  }

  /** Writes what is gathered so far, for who reads events or deliveries, or takes them away, in the same transaction. */
  flush(): void {
    this.beforeCommit();
    this.#inserters.flush();
  }

  beforeCommit(): void {
    if (this.#changes.size === 0) return;
    for (const change of this.#changes.values()) this.#write(change);
    this.#changes = new Map();
  }

  afterRollback(): void {
    this.#changes = new Map();
    this.#last.clear();
  }

  #write(change: Change): void {
    const last = this.#lastOf(change);
    if (last?.type === "message_deleted") return;
    if (last?.isOpen === true && absorbs(last.id, change.at)) {
      last.version++;
      last.changed = merged(last.changed, change.changed);
      this.#absorb.run(last.version, last.changed, change.customer, change.message, idToBytes(last.id));
      this.#wakes.events(change.customerId);
      this.#announce(change, last, change.statuses, change.at);
      return;
    }
    const id = laterThan(last, this.#ids.at(micros(change.at)), this.#ids);
    const deliveries = last?.deliveries ?? "none";
    const event = this.#begin(change, id, "message_updated", merged("", change.changed), deliveries);
    this.#announce(change, event, change.statuses, change.at);
  }

  #begin(
    message: MessageRef,
    id: string,
    type: EventType,
    changed: string,
    deliveries: KnownEvent["deliveries"],
  ): KnownEvent {
    const isOpen = type === "message_updated";
    const event: KnownEvent = { id, type, version: 1, isOpen, changed, deliveries };
    const { customer, message: messageBytes } = message;
    this.#insert.add(customer, messageBytes, idToBytes(id), EVENT_CODES[type], 1, isOpen ? 1 : 0, changed);
    this.#last.set(message.messageId, event);
    this.#wakes.events(message.customerId);
    return event;
  }

  #announce(
    message: MessageRef,
    known: KnownEvent,
    statuses: ReadonlySet<TargetStatus> | null,
    at: number,
  ): void {
    for (const listening of this.#endpoints.of(message.customerId, message.customer)) {
      if (!wants(listening, known.type, statuses)) continue;
      this.#deliver(listening, message, known, at);
    }
  }

  #deliver(listening: Listening, message: MessageRef, known: KnownEvent, at: number): void {
    if (known.deliveries === "none") {
      this.#deliveries.addFirst(listening, message, known.id, at);
      known.deliveries = "one";
    } else {
      this.#deliveries.add(listening, message, known.id, at);
      known.deliveries = "several";
    }
  }

  #lastOf(message: MessageRef): KnownEvent | undefined {
    const remembered = this.#last.get(message.messageId);
    if (remembered !== undefined) return remembered;
    this.#inserters.flush();
    const row = this.#selectLast.get(message.customer, message.message);
    if (row === undefined) return undefined;
    const event = knownEvent(row);
    if (event.isOpen) {
      event.isOpen = this.#wasTold.get(message.customer, message.message, idToBytes(event.id)) === undefined;
    }
    this.#last.set(message.messageId, event);
    return event;
  }

  #read(message: MessageRef, event: Uint8Array): KnownEvent | undefined {
    this.#inserters.flush();
    const row = this.#select.get(message.customer, message.message, event);
    return row === undefined ? undefined : knownEvent(row);
  }
}

function knownEvent(row: Row): KnownEvent {
  const id = hexToId(text(row[0]));
  const [type, version, changed] = [wordOf(EVENT_CODES, integer(row[1])), integer(row[2]), text(row[4])];
  return { id, type, version, isOpen: row[3] === 1, changed, deliveries: "several" };
}

/** The wanted id, or one a microsecond after the last event: the events of a message are ordered by their ids. */
function laterThan(last: KnownEvent | undefined, wanted: string, ids: Ids): string {
  if (last === undefined || last.id < wanted) return wanted;
  return ids.at(micros(timeOfId(last.id) + 1));
}

function merged(column: string, changed: ReadonlySet<number>): string {
  if (column === "" && changed.size === 1) for (const index of changed) return String(index);
  const all = new Set(changed);
  if (column !== "") for (const index of column.split(",")) all.add(Number(index));
  return [...all].toSorted((a, b) => a - b).join(",");
}
