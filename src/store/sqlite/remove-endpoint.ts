import { bytes } from "./connection.ts";
import { bytesToId, idToBytesOrNull } from "./id-bytes.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Deliveries that go in one commit: the rest follows in the next ones, so that nobody waits for a million. */
const DELIVERIES_AT_ONCE = 5_000;

/** Removes an endpoint, and a slice of its deliveries; answers whether more of them are left. */
export function removeEndpoint({ connection, endpoints, wakes }: WriterContext): Operation {
  const remove = connection.prepare("DELETE FROM endpoints WHERE endpoint_id = ? RETURNING customer_id");
  const removeDeliveries = connection.prepare(`
    DELETE FROM deliveries WHERE endpoint_id = ?1 AND (message_id, event_id) IN (
      SELECT message_id, event_id FROM deliveries WHERE endpoint_id = ?1 LIMIT ${DELIVERIES_AT_ONCE})`);
  return (request) => {
    const endpoint = idToBytesOrNull(request.text());
    if (endpoint === null) return [0];
    const row = remove.get(endpoint);
    if (row !== undefined) {
      endpoints.forget(bytesToId(bytes(row[0])));
      wakes.directory();
    }
    return [Number(removeDeliveries.run(endpoint).changes) === DELIVERIES_AT_ONCE ? 1 : 0];
  };
}
