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

const NO_LOAD: Load = { state: "stopped", lanes: 0, windowUsed: 0, windowSize: 0 };

/**
 * Makes what sets the gauges of every carrier: what waits for it and how full its windows are. Those of a name that no carrier
 * has any more go to 0, or its queue would seem to wait for ever. While the store cannot be read, what was read last stands:
 * those who watch need the other metrics most then.
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
    for (const name of shown) if (!names.has(name)) setGauges(metrics, name, undefined, NO_LOAD, now);
    for (const carrier of present)
      setGauges(metrics, carrier.name, depths.get(carrier.id), carrier.health(), now);
    shown = names;
  };
}

function setGauges(
  metrics: Metrics,
  carrier: string,
  depth: QueueDepth | undefined,
  { state, lanes, windowUsed, windowSize }: Load,
  now: Micros,
): void {
  const labels = { carrier };
  const oldest = depth?.oldestDueAt ?? null;
  const age = oldest === null ? 0 : Math.max(0, now - oldest) / MICROS_PER_SECOND;
  metrics.gauge("msgbin_queue_waiting", depth?.waiting ?? 0, labels);
  metrics.gauge("msgbin_queue_in_flight", depth?.inFlight ?? 0, labels);
  metrics.gauge("msgbin_queue_held", depth?.held ?? 0, labels);
  metrics.gauge("msgbin_queue_oldest_age", age, labels);
  metrics.gauge("msgbin_carrier_lanes", lanes, labels);
  metrics.gauge("msgbin_carrier_silent", state === "silent" ? 1 : 0, labels);
  metrics.gauge("msgbin_carrier_window_used", windowUsed, labels);
  metrics.gauge("msgbin_carrier_window_size", windowSize, labels);
}
