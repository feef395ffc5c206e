import type { WebhookEndpoint } from "../../domain/endpoint.ts";
import { ENDPOINT_COLUMNS } from "./directory-rows.ts";
import { idToBytes } from "./id-bytes.ts";
import { createStillAsRead } from "./still-as-read.ts";
import { readJson } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Inserts or replaces an endpoint, unless it is no longer as it was read. Answers whether it was written. */
export function putEndpoint({ connection, endpoints, wakes }: WriterContext): Operation {
  const isStillAsRead = createStillAsRead(connection, "endpoints", ["endpoint_id"]);
  const put = connection.prepare(
    `INSERT OR REPLACE INTO endpoints (${ENDPOINT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return (request) => {
    const endpoint = readJson(request) as WebhookEndpoint;
    const id = idToBytes(endpoint.id);
    if (!isStillAsRead(request, id)) return [0];
    put.run(
      id,
      idToBytes(endpoint.customerId),
      endpoint.isPrimary ? 1 : 0,
      endpoint.uri,
      endpoint.method,
      JSON.stringify(endpoint.events),
      JSON.stringify(endpoint.statuses),
      JSON.stringify(endpoint.sealedSecrets),
      endpoint.tmSecretRetire,
      endpoint.disabledReason,
      endpoint.tmFailingSince,
      endpoint.tmCreate,
      endpoint.tmUpdate,
    );
    endpoints.forget(endpoint.customerId);
    wakes.directory();
    wakes.deliveries(endpoint.id);
    return [1];
  };
}
