import type { Clock } from "../domain/clock.ts";
import type { CarrierId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import { UnderWay } from "../domain/under-way.ts";
import type { QueueStore } from "../store/queueing.ts";
import { BATCH_MAX } from "./dispatch-settings.ts";
import { leaveRemovedCarrier, type OutcomeRules } from "./flight-outcome.ts";
import type { Settling } from "./settling.ts";

export interface LeftoversDependencies {
  readonly store: Pick<QueueStore, "leftoverCarriers" | "claimTargets">;
  readonly settling: Settling;
  readonly rules: Pick<OutcomeRules, "node" | "countParts">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether this process sends for the carrier: then it has not heard of its removal yet. */
  readonly isServed: (carrierId: CarrierId) => boolean;
}

/**
 * Takes over what is left at carriers that were removed: what is due goes to the first of its other carriers that can take it, and
 * without one it has failed. What is due later waits until then, and can be canceled.
 *
 * A removal cannot do it: another node, and the embedded store's journal, go on accepting for the carrier until they have heard
 * of it. To lock the carrier for each acceptance would be a row lock for each message; so every node looks from time to time.
 */
export class Leftovers {
  readonly #deps: LeftoversDependencies;
  #looking: Promise<void> | null = null;
  #isEnding = false;

  constructor(dependencies: LeftoversDependencies) {
    this.#deps = dependencies;
  }

  /** Begins to take over what there is, unless that is under way. */
  look(): void {
    if (this.#isEnding || this.#looking !== null) return;
    this.#looking = this.#takeAllOver()
      .catch(() => {}) // the store could not, and the next look will
      .finally(() => (this.#looking = null));
  }

  /** Claims nothing more; resolves when what was claimed is handed on. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    await this.#looking;
  }

  async #takeAllOver(): Promise<void> {
    const { store, isServed } = this.#deps;
    for (const carrierId of await store.leftoverCarriers())
      if (!isServed(carrierId)) await this.#takeOver(carrierId);
  }

  async #takeOver(carrierId: CarrierId): Promise<void> {
    const { store, rules, clock, logger } = this.#deps;
    let taken = 0;
    let claimed: readonly OutboundTarget[] = [];
    do {
      if (this.#isEnding) return;
      claimed = await store.claimTargets({ carrierId, node: rules.node, now: clock.now(), limit: BATCH_MAX });
      await this.#handOn(claimed);
      taken += claimed.length;
    } while (claimed.length > 0);
    if (taken > 0) logger.info({ carrierId, targets: taken }, "took over what was left at a removed carrier");
  }

  async #handOn(targets: readonly OutboundTarget[]): Promise<void> {
    const { settling, rules, clock } = this.#deps;
    const unwritten = new UnderWay();
    for (const target of targets) {
      unwritten.begin();
      settling.add(leaveRemovedCarrier(target, clock.now(), rules), () => unwritten.end());
    }
    await unwritten.idle();
  }
}
