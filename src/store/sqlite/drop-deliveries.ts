import type { Connection } from "./connection.ts";

/** Deliveries that go in one commit: the rest follows in the next ones, so that nobody waits for a million. */
const DELIVERIES_AT_ONCE = 5_000;

const SLICE = `
  SELECT customer_id, message_id, event_id, claimed FROM deliveries WHERE endpoint_id = ?1
  ORDER BY message_id, event_id LIMIT ${DELIVERIES_AT_ONCE}`;

export const DROP_DELIVERIES_SQL = {
  /** That an event was told of, its deliveries say; when they go, the event itself must. */
  close: `
    UPDATE events SET open = 0 WHERE (customer_id, message_id, event_id) IN (
      SELECT customer_id, message_id, event_id FROM (${SLICE}) WHERE claimed = 1) AND open = 1`,
  drop: `
    DELETE FROM deliveries WHERE endpoint_id = ?1 AND (message_id, event_id) IN (
      SELECT message_id, event_id FROM (${SLICE}))`,
} as const;

/** Drops a slice of an endpoint's deliveries; answers whether there may be more. */
export function createDeliveryDrop(connection: Connection): (endpoint: Uint8Array) => boolean {
  const close = connection.prepare(DROP_DELIVERIES_SQL.close);
  const drop = connection.prepare(DROP_DELIVERIES_SQL.drop);
  return (endpoint) => {
    close.run(endpoint);
    return Number(drop.run(endpoint).changes) === DELIVERIES_AT_ONCE;
  };
}
