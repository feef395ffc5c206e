import type { Carrier } from "../carriers/carrier.ts";
import type { Clock } from "../domain/clock.ts";
import type { Metrics } from "../domain/metrics.ts";
import { MICROS_PER_SECOND } from "../domain/micros.ts";
import type { QueueStore } from "../store/queueing.ts";

interface GaugeDeps {
  readonly store: Pick<QueueStore, "queueDepths">;
  readonly carriers: () => readonly Carrier[];
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** Sets the gauges of every carrier: what waits for it and how full its windows are. */
export async function refreshCarrierGauges({ store, carriers, clock, metrics }: GaugeDeps): Promise<void> {
  const depths = new Map((await store.queueDepths()).map((depth) => [depth.carrierId, depth]));
  const now = clock.now();
  for (const carrier of carriers()) {
    const labels = { carrier: carrier.name };
    const depth = depths.get(carrier.id);
    const oldest = depth?.oldestDueAt ?? null;
    metrics.gauge("msgbin_queue_waiting", depth?.waiting ?? 0, labels);
    metrics.gauge("msgbin_queue_in_flight", depth?.inFlight ?? 0, labels);
    metrics.gauge("msgbin_queue_held", depth?.held ?? 0, labels);
    metrics.gauge(
      "msgbin_queue_oldest_age",
      oldest === null ? 0 : Math.max(0, now - oldest) / MICROS_PER_SECOND,
      labels,
    );
    const health = carrier.health();
    metrics.gauge("msgbin_carrier_lanes", health.lanes, labels);
    metrics.gauge("msgbin_carrier_window_used", health.windowUsed, labels);
    metrics.gauge("msgbin_carrier_window_size", health.windowSize, labels);
  }
}
