import type { CarrierId, EndpointId } from "../../domain/ids.ts";
import { isUuid } from "../../domain/ids.ts";
import type { Micros } from "../../domain/micros.ts";
import { type Reads, timeOrNull } from "./message-rows.ts";

/** The earliest `due_at` of each priority, as rows: each the beginning of a range of the claim index. */
export const earliestDue = (carrier: string): string =>
  [0, 1, 2]
    .map(
      (priority) =>
        `(SELECT due_at FROM queue WHERE carrier_id = ${carrier} AND NOT held AND priority = ${priority}
          ORDER BY due_at LIMIT 1)`,
    )
    .join(" UNION ALL ");

export const READ_QUEUE_SQL = {
  /** One look at the beginning of each priority's range of the claim index. */
  nextDue: { name: "next_due", text: `SELECT min(due_at) AS at FROM (${earliestDue("$1")}) AS e` },
  /** Goes from endpoint to endpoint along the index, so that a million deliveries of one cost no more than one. */
  dueEndpoints: {
    name: "due_endpoints",
    text: `
    WITH RECURSIVE waiting (endpoint_id) AS (
      (SELECT endpoint_id FROM deliveries WHERE NOT blocked ORDER BY endpoint_id LIMIT 1)
      UNION ALL
      SELECT (SELECT d.endpoint_id FROM deliveries d WHERE NOT d.blocked AND d.endpoint_id > waiting.endpoint_id
              ORDER BY d.endpoint_id LIMIT 1)
      FROM waiting WHERE waiting.endpoint_id IS NOT NULL
    )
    SELECT waiting.endpoint_id FROM waiting CROSS JOIN LATERAL (
      SELECT due_at FROM deliveries d WHERE d.endpoint_id = waiting.endpoint_id AND NOT d.blocked
      ORDER BY due_at LIMIT 1) AS first
    WHERE waiting.endpoint_id IS NOT NULL AND first.due_at <= $1
    LIMIT $2`,
  },
  nextDelivery: {
    name: "next_delivery",
    text: "SELECT due_at AS at FROM deliveries WHERE endpoint_id = $1 AND NOT blocked ORDER BY due_at LIMIT 1",
  },
} as const;

/** When the carrier's next target falls due. */
export async function nextDueAt(session: Reads, carrierId: CarrierId): Promise<Micros | null> {
  if (!isUuid(carrierId)) return null;
  const rows = await session.rows<{ at: number | null }>(READ_QUEUE_SQL.nextDue, [carrierId]);
  return timeOrNull(rows[0]?.at);
}

/** More carriers than this are forgotten together: the memory is for the few carriers of a service. */
const CARRIERS_REMEMBERED = 1_000;

/** Notes that this process queued something at a carrier: it is told from then on, also when it has nothing left. */
export function noteCarrier(known: Set<CarrierId>, carrierId: CarrierId): void {
  if (known.size >= CARRIERS_REMEMBERED) known.clear();
  known.add(carrierId);
}

/** Endpoints with deliveries that are due. */
export async function dueEndpoints(
  session: Reads,
  now: Micros,
  limit: number,
): Promise<readonly EndpointId[]> {
  const rows = await session.rows<{ endpoint_id: string }>(READ_QUEUE_SQL.dueEndpoints, [now, limit]);
  return rows.map((row) => row.endpoint_id as EndpointId); // an endpoint_id column
}

/** When the endpoint's next delivery falls due. */
export async function nextDeliveryAt(session: Reads, endpointId: EndpointId): Promise<Micros | null> {
  if (!isUuid(endpointId)) return null;
  const rows = await session.rows<{ at: number }>(READ_QUEUE_SQL.nextDelivery, [endpointId]);
  return timeOrNull(rows[0]?.at);
}
