import type { EndpointHealth } from "../announcing.ts";
import { Wakes } from "./wakes.ts";
import type { WriterContext } from "./writer-context.ts";

export const HEALTH_SQL = {
  name: "endpoint_health",
  text: `
  UPDATE endpoints SET tm_failing_since = $3, disabled_reason = coalesce(disabled_reason, $4),
    tm_update = CASE WHEN disabled_reason IS NULL AND $4 IS NOT NULL
      THEN greatest(coalesce(tm_update, tm_create) + 1, $5) ELSE tm_update END
  WHERE endpoint_id = $1 AND uri = $2 RETURNING 1`,
} as const;

/** Writes what deliveries showed of endpoints, and switches off those that are to be. */
export async function noteEndpointHealth(
  { database, tell }: WriterContext,
  healths: readonly EndpointHealth[],
): Promise<void> {
  const wakes = new Wakes();
  await database.transaction(async (session) => {
    for (const { endpointId, uri, tmFailingSince, disabledReason, at } of healths) {
      const rows = await session.rows(HEALTH_SQL, [endpointId, uri, tmFailingSince, disabledReason, at]);
      if (rows.length > 0) wakes.directory();
    }
  });
  tell(wakes);
}
