import type { CarrierEvents } from "../carriers/carrier.ts";
import type { CarrierId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { Metrics } from "../domain/metrics.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";

interface RefusalDeps {
  readonly nameOf: (id: CarrierId) => string;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Refuses what handsets send while nothing here keeps it: not acknowledged, it stays with the carrier, which brings it again. */
export function refuseInbound({ nameOf, logger, metrics }: RefusalDeps): CarrierEvents["onInbound"] {
  return async (parts) => {
    for (const { carrierId } of parts) {
      metrics.count("msgbin_inbound_refused_total", { carrier: nameOf(carrierId) });
    }
    logger.warn({ parts: parts.length }, "messages from handsets are not kept yet: left with the carrier");
    throw new StoreUnavailable("read_only", "messages from handsets are not kept yet");
  };
}
