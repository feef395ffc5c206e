import type { EndpointHealth } from "../announcing.ts";
import { bytes } from "./connection.ts";
import { bytesToId, idToBytes } from "./id-bytes.ts";
import type { Wire } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export function encodeHealths(healths: readonly EndpointHealth[]): Wire {
  const wire: Wire = ["noteEndpointHealth", healths.length];
  for (const { endpointId, uri, tmFailingSince, disabledReason, at } of healths) {
    wire.push(endpointId, uri, tmFailingSince, disabledReason, at);
  }
  return wire;
}

/** Writes what deliveries showed of endpoints, and switches off those that are to be. */
export function noteEndpointHealth({ connection, endpoints, wakes }: WriterContext): Operation {
  const update = connection.prepare(`
    UPDATE endpoints SET tm_failing_since = ?3, disabled_reason = coalesce(disabled_reason, ?4),
      tm_update = iif(disabled_reason IS NULL AND ?4 IS NOT NULL, max(coalesce(tm_update, tm_create) + 1, ?5), tm_update)
    WHERE endpoint_id = ?1 AND uri = ?2 RETURNING customer_id`);
  return (request) => {
    const healths = request.number();
    for (let index = 0; index < healths; index++) {
      const [endpointId, uri] = [request.text(), request.text()];
      const [failingSince, reason] = [request.numberOrNull(), request.textOrNull()];
      const at = request.number();
      const row = update.get(idToBytes(endpointId), uri, failingSince, reason, at);
      if (row === undefined) continue;
      endpoints.forget(bytesToId(bytes(row[0])));
      wakes.directory();
    }
    return [];
  };
}
