import { type Connection, integer, type Statement } from "./connection.ts";
import type { Listening } from "./endpoint-cache.ts";
import { idToBytes } from "./id-bytes.ts";
import type { MessageRef } from "./message-wire.ts";
import { Recently } from "./recently.ts";
import { LEASE_FROM_BIRTH_MICROS, ReservedDeliveries } from "./reserved-deliveries.ts";
import type { RowInserter, RowInserters } from "./row-inserter.ts";
import type { Wakes } from "./wakes.ts";
import type { TransactionPart } from "./writer-context.ts";

/** Claimed deliveries whose attempts are remembered: those that are being attempted just now. */
const CLAIMS_REMEMBERED = 10_000;

/** Stands in a delivery whose message lost a number: it is rendered for each attempt anew, and no bytes are kept of it. */
export const ERASED_BODY = "";

/** Deliveries as they come: each waits for those of its message's earlier events (design: order is kept per message). */
export class DeliveryRows implements TransactionPart {
  /** Those of endpoints that are just being claimed from. */
  readonly reserved = new ReservedDeliveries();
  /** How many attempts were logged of a delivery that is claimed, so that it need not be read again to be settled. */
  readonly #attempts = new Recently<number>(CLAIMS_REMEMBERED);
  readonly #select: Statement;
  readonly #wakes: Wakes;
  readonly #insert: Statement;
  readonly #inserters: RowInserters;
  readonly #insertFirst: RowInserter;

  constructor(connection: Connection, wakes: Wakes, inserters: RowInserters) {
    this.#inserters = inserters;
    this.#wakes = wakes;
    this.#select = connection.prepare(
      `SELECT attempts + logged, body IS '${ERASED_BODY}' FROM deliveries WHERE endpoint_id = ? AND message_id = ? AND event_id = ?`,
    );
    this.#insert = connection.prepare(`
      INSERT INTO deliveries (endpoint_id, message_id, event_id, customer_id, attempts, due_at, claimed, blocked)
      VALUES (?1, ?2, ?3, ?4, 0, ?5, 0,
        EXISTS (SELECT 1 FROM deliveries WHERE endpoint_id = ?1 AND message_id = ?2 AND event_id < ?3))
      ON CONFLICT DO NOTHING RETURNING blocked`);
    const columns = "endpoint_id, message_id, event_id, customer_id, due_at, attempts, blocked, claimed";
    this.#insertFirst = inserters.make(`INSERT INTO deliveries (${columns})`, 8);
  }

  /** Adds the delivery of an event to an endpoint, unless it is there. */
  add(listening: Listening, { customer, message }: MessageRef, eventId: string, dueAt: number): void {
    const event = idToBytes(eventId);
    this.#inserters.flush();
    const row = this.#insert.get(listening.endpoint, message, event, customer, dueAt);
    if (row?.[0] === 0) this.#wakes.deliveries(listening.endpointId);
  }

  /** Adds a delivery of a message that has none. */
  addFirst(listening: Listening, of: MessageRef, eventId: string, madeAt: number): void {
    const { endpoint, endpointId } = listening;
    const { customer, message, customerId, messageId } = of;
    const event = idToBytes(eventId);
    const delivery = { customer, message, customerId, messageId, event, eventId, madeAt, isErased: false };
    const isKept = this.reserved.keep(endpointId, delivery);
    const [dueAt, claimed] = isKept ? [madeAt + LEASE_FROM_BIRTH_MICROS, 1] : [madeAt, 0];
    this.#insertFirst.add(endpoint, message, event, customer, dueAt, 0, 0, claimed);
    this.#wakes.deliveries(endpointId);
  }

  /** Takes in that a delivery was claimed after so many attempts. */
  claimed(endpointId: string, eventId: string, attempts: number): void {
    this.#attempts.set(endpointId + eventId, attempts);
  }

  /** What is known of a claimed delivery; undefined when there is no such delivery. */
  known({ endpointId, endpoint, message, eventId, event }: ClaimedRef): KnownDelivery | undefined {
    const remembered = this.#attempts.get(endpointId + eventId);
    if (remembered !== undefined) return { attempts: remembered, isErased: false };
    const row = this.#select.get(endpoint, message, event);
    return row === undefined ? undefined : { attempts: integer(row[0]), isErased: row[1] === 1 };
  }

  /** Takes in that the body of a delivery was erased: its row is to be looked at. */
  erased(endpointId: string, eventId: string): void {
    this.unclaimed(endpointId, eventId);
    this.reserved.erased(endpointId, eventId);
  }

  /** Takes in that a delivery is no longer claimed. */
  unclaimed(endpointId: string, eventId: string): void {
    this.#attempts.forget(endpointId + eventId);
  }

  afterCommit(): void {
    this.reserved.afterCommit();
  }

  afterRollback(): void {
    this.#attempts.clear();
    this.reserved.afterRollback();
  }
}

export interface KnownDelivery {
  /** How many were logged before. */
  readonly attempts: number;
  /** Whether what was told may hold what was erased from the message since. */
  readonly isErased: boolean;
}

/** Names a delivery both ways: as rows hold it and as the rest of the process does. */
export interface ClaimedRef {
  readonly endpointId: string;
  readonly endpoint: Uint8Array;
  readonly message: Uint8Array;
  readonly eventId: string;
  readonly event: Uint8Array;
}
