import { type Ids, timeOfId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { TargetStatus } from "../../domain/target-status.ts";
import { EVENT_CODES } from "./column-codes.ts";
import { bytes, type Connection, integer, type Row, type Statement, text } from "./connection.ts";
import type { DeliveryRows } from "./delivery-rows.ts";
import { type EndpointCache, wants } from "./endpoint-cache.ts";
import { bytesToId, idToBytes } from "./id-bytes.ts";
import type { TargetRef } from "./target-rows.ts";
import type { TransactionPart } from "./writer-context.ts";

interface MessageRef {
  readonly customer: Uint8Array;
  readonly message: Uint8Array;
  readonly customerId: string;
}

interface Change extends MessageRef {
  at: number;
  readonly changed: Set<number>;
  readonly statuses: Set<TargetStatus>;
}

/**
 * Gathers the changes of a transaction and writes one event for each changed message: a `message_updated` that nobody was
 * told of yet absorbs them, else a new one begins. Nothing follows `message_deleted`.
 */
export class EventFolder implements TransactionPart {
  readonly #ids: Ids;
  readonly #endpoints: EndpointCache;
  readonly #deliveries: DeliveryRows;
  readonly #last: Statement;
  readonly #insert: Statement;
  readonly #absorb: Statement;
  readonly #changes = new Map<string, Change>();

  constructor(connection: Connection, ids: Ids, endpoints: EndpointCache, deliveries: DeliveryRows) {
    this.#ids = ids;
    this.#endpoints = endpoints;
    this.#deliveries = deliveries;
    this.#last = connection.prepare(`
      SELECT event_id, type, open, changed FROM events WHERE customer_id = ? AND message_id = ?
      ORDER BY event_id DESC LIMIT 1`);
    this.#insert = connection.prepare(`
      INSERT INTO events (customer_id, message_id, event_id, type, version, open, changed) VALUES (?, ?, ?, ?, 1, ?, ?)`);
    this.#absorb = connection.prepare(`
      UPDATE events SET version = version + 1, changed = ? WHERE customer_id = ? AND message_id = ? AND event_id = ?`);
  }

  /** Takes in that a target has a new status or new parts. */
  changed(target: TargetRef, status: TargetStatus, at: number): void {
    const change = this.#changes.get(target.messageId);
    if (change === undefined) {
      this.#changes.set(target.messageId, {
        customer: target.customer,
        message: target.message,
        customerId: target.customerId,
        at,
        changed: new Set([target.n]),
        statuses: new Set([status]),
      });
      return;
    }
    change.changed.add(target.n);
    change.statuses.add(status);
    change.at = Math.max(change.at, at);
  }

  /** Writes `message_created`, the first event of its message. */
  created(message: MessageRef, event: Uint8Array, at: number): void {
    this.#insert.run(message.customer, message.message, event, EVENT_CODES.message_created, 0, "");
    for (const listening of this.#endpoints.of(message.customerId, message.customer)) {
      if (!wants(listening, "message_created", null)) continue;
      this.#deliveries.addFirst(listening, { ...message, event }, at);
    }
  }

  /** Writes `message_deleted`, after the changes that this transaction made before. */
  deleted(message: MessageRef, wanted: Uint8Array, at: number): void {
    this.beforeCommit();
    const event = this.#laterThan(this.#last.get(message.customer, message.message), wanted);
    this.#insert.run(message.customer, message.message, event, EVENT_CODES.message_deleted, 0, "");
    for (const listening of this.#endpoints.of(message.customerId, message.customer)) {
      if (wants(listening, "message_deleted", null))
        this.#deliveries.add(listening, { ...message, event }, at);
    }
  }

  beforeCommit(): void {
    for (const change of this.#changes.values()) this.#write(change);
    this.#changes.clear();
  }

  afterRollback(): void {
    this.#changes.clear();
  }

  #write(change: Change): void {
    const last = this.#last.get(change.customer, change.message);
    const type = last === undefined ? null : integer(last[1]);
    if (type === EVENT_CODES.message_deleted) return;
    const isOpen = last?.[2] === 1;
    const event = isOpen ? bytes(last[0]) : this.#laterThan(last, idToBytes(this.#ids.at(micros(change.at))));
    if (isOpen) {
      this.#absorb.run(merged(text(last[3]), change.changed), change.customer, change.message, event);
    } else {
      const changed = merged("", change.changed);
      this.#insert.run(change.customer, change.message, event, EVENT_CODES.message_updated, 1, changed);
    }
    for (const listening of this.#endpoints.of(change.customerId, change.customer)) {
      if (!wants(listening, "message_updated", change.statuses)) continue;
      this.#deliveries.add(listening, { ...change, event }, change.at);
    }
  }

  /** The wanted id, or one a microsecond after the last event: the events of a message are ordered by their ids. */
  #laterThan(last: Row | undefined, wanted: Uint8Array): Uint8Array {
    if (last === undefined) return wanted;
    const lastId = bytesToId(bytes(last[0]));
    if (lastId < bytesToId(wanted)) return wanted;
    return idToBytes(this.#ids.at(micros(timeOfId(lastId) + 1)));
  }
}

function merged(column: string, changed: ReadonlySet<number>): string {
  if (column === "" && changed.size === 1) return String([...changed][0]);
  const all = new Set(changed);
  if (column !== "") for (const index of column.split(",")) all.add(Number(index));
  return [...all].toSorted((a, b) => a - b).join(",");
}
