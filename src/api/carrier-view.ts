import { formatMicros } from "../domain/micros.ts";
import type { CarrierReport } from "./carrier-desk.ts";

/** A carrier as administrators read it. */
export function viewCarrier({ account, shownUrl, health, queue }: CarrierReport): Record<string, unknown> {
  return {
    id: account.id,
    name: account.name,
    kind: account.kind,
    url: shownUrl,
    health:
      health === null
        ? null
        : {
            state: health.state,
            detail: health.detail,
            lanes: health.lanes,
            window_used: health.windowUsed,
            window_size: health.windowSize,
          },
    queue: {
      waiting: queue?.waiting ?? 0,
      in_flight: queue?.inFlight ?? 0,
      held: queue?.held ?? 0,
      tm_oldest_due: formatMicros(queue?.oldestDueAt ?? null),
    },
    tm_create: formatMicros(account.tmCreate),
    tm_update: formatMicros(account.tmUpdate),
  };
}
