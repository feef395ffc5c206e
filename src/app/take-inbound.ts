import type { Accept } from "../accept/accept.ts";
import type { Clock } from "../domain/clock.ts";
import type { Ids } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { Metrics } from "../domain/metrics.ts";
import { optOutSettingName, parseOptOutSetting } from "../domain/opt-out-setting.ts";
import type { OwnedNumber } from "../domain/owned-number.ts";
import { createInbound, type Inbound } from "../inbound/inbound.ts";
import type { NumberOwners } from "../inbound/number-owners.ts";
import { createOptOuts } from "../inbound/opt-outs.ts";
import type { Store } from "../store/store.ts";

interface InboundParts {
  readonly store: Store;
  readonly owners: NumberOwners;
  /** Made after this, for it hands over to what brings inbound messages. */
  readonly accept: () => Accept;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Puts together what takes the messages of handsets. */
export function takeInbound(parts: InboundParts): Inbound {
  const { store, owners, clock, monotonicMs, ids, logger, metrics } = parts;
  const optOuts = createOptOuts({
    store,
    customerSettings: async ({ customerId }) =>
      parseOptOutSetting(await store.getSetting(optOutSettingName(customerId))),
    reply: (owner, handset, text) => reply(parts.accept(), owner, handset, text),
    clock,
    ids,
    logger,
    metrics,
  });
  return createInbound({ store, owners, optOuts, clock, monotonicMs, ids, logger, metrics });
}

async function reply(accept: Accept, owner: OwnedNumber, handset: string, text: string): Promise<void> {
  const result = await accept.accept({
    customerId: owner.customerId,
    source: { target: owner.number },
    destinations: [{ target: handset }],
    text,
    options: {},
    ignoresOptOut: true,
    render: () => "",
  });
  if (result.kind === "rejected") throw new Error(result.message);
}
