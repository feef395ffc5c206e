import { bytes } from "./connection.ts";
import { createDeliveryDrop } from "./drop-deliveries.ts";
import { bytesToId, idToBytesOrNull } from "./id-bytes.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Removes an endpoint, and a slice of its deliveries; answers whether more of them are left. */
export function removeEndpoint({ connection, endpoints, deliveries, wakes }: WriterContext): Operation {
  const remove = connection.prepare("DELETE FROM endpoints WHERE endpoint_id = ? RETURNING customer_id");
  const drop = createDeliveryDrop(connection);
  return (request) => {
    const endpointId = request.text();
    const endpoint = idToBytesOrNull(endpointId);
    if (endpoint === null) return [0];
    deliveries.reserved.forget(endpointId);
    const row = remove.get(endpoint);
    if (row !== undefined) {
      endpoints.forget(bytesToId(bytes(row[0])));
      wakes.directory();
    }
    return [drop(endpoint) ? 1 : 0];
  };
}
