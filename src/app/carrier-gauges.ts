import type { Carrier, CarrierHealth } from "../carriers/carrier.ts";
import type { Clock } from "../domain/clock.ts";
import type { Metrics } from "../domain/metrics.ts";
import type { CarrierId } from "../domain/ids.ts";
import { type Micros, MICROS_PER_SECOND } from "../domain/micros.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import type { QueueDepth, QueueStore } from "../store/queueing.ts";

interface GaugeDeps {
  readonly store: Pick<QueueStore, "queueDepths">;
  readonly carriers: () => readonly Pick<Carrier, "id" | "name" | "health">[];
  readonly clock: Clock;
  readonly metrics: Metrics;
}

type Load = Pick<CarrierHealth, "state" | "lanes" | "windowUsed" | "windowSize">;

/**
 * Makes what sets the gauges of every carrier: what waits for it and how full its windows are. Of a name that no carrier has any
 * more nothing waits, and it has no lanes that could be down: a 0 would be an alert that never ends. While the store cannot be
 * read, what was read last stands: those who watch need the other metrics most then.
 */
export function createCarrierGauges({ store, carriers, clock, metrics }: GaugeDeps): () => Promise<void> {
  let shown: ReadonlySet<string> = new Set();
  let depths: ReadonlyMap<CarrierId, QueueDepth> = new Map();

  async function readDepths(): Promise<void> {
    try {
      depths = new Map((await store.queueDepths()).map((depth) => [depth.carrierId, depth]));
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }

  return async () => {
    await readDepths();
    const now = clock.now();
    const present = carriers();
    const names = new Set(present.map(({ name }) => name));
    for (const gone of [...shown].filter((name) => !names.has(name))) {
      setQueueGauges(metrics, gone, undefined, now);
      setLoadGauges(metrics, gone, null);
    }
    for (const carrier of present) {
      setQueueGauges(metrics, carrier.name, depths.get(carrier.id), now);
      setLoadGauges(metrics, carrier.name, carrier.health());
    }
    shown = names;
  };
}

function setQueueGauges(metrics: Metrics, carrier: string, depth: QueueDepth | undefined, now: Micros): void {
  const labels = { carrier };
  const oldest = depth?.oldestDueAt ?? null;
  const age = oldest === null ? 0 : Math.max(0, now - oldest) / MICROS_PER_SECOND;
  metrics.gauge("msgbin_queue_waiting", depth?.waiting ?? 0, labels);
  metrics.gauge("msgbin_queue_in_flight", depth?.inFlight ?? 0, labels);
  metrics.gauge("msgbin_queue_held", depth?.held ?? 0, labels);
  metrics.gauge("msgbin_queue_oldest_age", age, labels);
}

function setLoadGauges(metrics: Metrics, carrier: string, load: Load | null): void {
  const labels = { carrier };
  metrics.gauge("msgbin_carrier_lanes", load?.lanes ?? null, labels);
  metrics.gauge("msgbin_carrier_silent", load === null ? null : load.state === "silent" ? 1 : 0, labels);
  metrics.gauge("msgbin_carrier_window_used", load?.windowUsed ?? null, labels);
  metrics.gauge("msgbin_carrier_window_size", load?.windowSize ?? null, labels);
}
