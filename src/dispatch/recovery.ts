import type { Carrier } from "../carriers/carrier.ts";
import type { Clock } from "../domain/clock.ts";
import type { NodeId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { Metrics } from "../domain/metrics.ts";
import type { QueueStore } from "../store/queueing.ts";

export interface RecoveryDependencies {
  readonly carrier: Pick<Carrier, "id" | "name" | "onUnknownOutcome">;
  readonly store: Pick<QueueStore, "recoverTargets">;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

const RECOVERY_BATCH = 1_000;

/** Takes back what processes that no longer live had of a carrier. Throws when the store cannot. */
export async function recoverCarrier(
  { carrier, store, clock, metrics, logger }: RecoveryDependencies,
  liveNodes: readonly NodeId[],
): Promise<void> {
  const policy = carrier.onUnknownOutcome;
  const request = { carrierId: carrier.id, liveNodes, policy, limit: RECOVERY_BATCH };
  let unknown = 0;
  let hasMore = true;
  while (hasMore) {
    const recovered = await store.recoverTargets({ ...request, now: clock.now() });
    unknown += recovered.unknown;
    hasMore = recovered.more;
  }
  if (unknown === 0) return;
  metrics.count("msgbin_unknown_outcomes_total", { carrier: carrier.name }, unknown);
  const fields = { carrier: carrier.name, targets: unknown, policy };
  logger.warn(
    fields,
    "targets were in flight when their process ended: nobody can know whether they were sent",
  );
}
