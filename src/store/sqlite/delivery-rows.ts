import type { Connection, Statement } from "./connection.ts";
import type { Listening } from "./endpoint-cache.ts";
import type { Wakes } from "./wakes.ts";

/** An event in its row's terms. */
export interface EventRef {
  readonly customer: Uint8Array;
  readonly message: Uint8Array;
  readonly event: Uint8Array;
}

/** Deliveries as they come: each waits for those of its message's earlier events (design: order is kept per message). */
export class DeliveryRows {
  readonly #wakes: Wakes;
  readonly #insert: Statement;
  readonly #insertFirst: Statement;

  constructor(connection: Connection, wakes: Wakes) {
    this.#wakes = wakes;
    this.#insert = connection.prepare(`
      INSERT INTO deliveries (endpoint_id, message_id, event_id, customer_id, attempts, due_at, blocked)
      VALUES (?1, ?2, ?3, ?4, 0, ?5,
        EXISTS (SELECT 1 FROM deliveries WHERE endpoint_id = ?1 AND message_id = ?2 AND event_id < ?3))
      ON CONFLICT DO NOTHING RETURNING blocked`);
    this.#insertFirst = connection.prepare(`
      INSERT INTO deliveries (endpoint_id, message_id, event_id, customer_id, attempts, due_at, blocked)
      VALUES (?1, ?2, ?3, ?4, 0, ?5, 0)`);
  }

  /** Adds the delivery of an event to an endpoint, unless it is there. */
  add(listening: Listening, event: EventRef, dueAt: number): void {
    const row = this.#insert.get(listening.endpoint, event.message, event.event, event.customer, dueAt);
    if (row?.[0] === 0) this.#wakes.deliveries(listening.endpointId);
  }

  /** Adds the delivery of a message's first event, before which there can be none. */
  addFirst(listening: Listening, event: EventRef, dueAt: number): void {
    this.#insertFirst.run(listening.endpoint, event.message, event.event, event.customer, dueAt);
    this.#wakes.deliveries(listening.endpointId);
  }
}
