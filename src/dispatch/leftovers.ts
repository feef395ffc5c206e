import type { Carrier } from "../carriers/carrier.ts";
import type { Clock } from "../domain/clock.ts";
import type { CarrierId, NodeId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { Metrics } from "../domain/metrics.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import { UnderWay } from "../domain/under-way.ts";
import { CLAIM_MAX_CHARACTERS, type QueueStore } from "../store/queueing.ts";
import { BATCH_MAX } from "./dispatch-settings.ts";
import { leaveRemovedCarrier, type PassingRules } from "./next-carrier.ts";
import { recoverCarrier } from "./recovery.ts";
import type { Settling } from "./settling.ts";
import { releaseStrays, Strays } from "./strays.ts";
import { within } from "./within.ts";

export interface LeftoversDependencies {
  readonly store: Pick<QueueStore, "leftoverCarriers" | "recoverTargets" | "claimTargets" | "leasedTargets">;
  readonly settling: Settling;
  readonly rules: PassingRules;
  readonly strayLookMs: number;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Whether this process sends for the carrier: then it has not heard of its removal yet. */
  readonly isServed: (carrierId: CarrierId) => boolean;
}

type RemovedCarrier = Pick<Carrier, "name" | "onUnknownOutcome">;

/** More carriers than this are forgotten together: what is left at one is taken over within seconds, as a rule. */
const REMEMBERED_MAX = 1_000;

/** So long a look waits for what it settled to be written. */
const WRITTEN_WITHIN_MS = 30_000;

/** One of which this process knows nothing: what may have been sent is then not sent again. */
const FORGOTTEN: RemovedCarrier = { name: "removed", onUnknownOutcome: "hold" };

/**
 * Takes over what is left at carriers that were removed: what is due goes to the first of its other carriers that can take it, and
 * without one it has failed. What is due later waits until then, and can be canceled. What dead nodes had is recovered first.
 *
 * A removal cannot do it: another node, and the embedded store's journal, go on accepting for the carrier until they have heard
 * of it. To lock the carrier for each acceptance would be a row lock for each message; so every node looks from time to time.
 */
export class Leftovers {
  readonly #deps: LeftoversDependencies;
  readonly #removed = new Map<CarrierId, RemovedCarrier>();
  #strays: ReadonlyMap<CarrierId, Strays> = new Map();
  #looking: Promise<void> | null = null;
  #isEnding = false;

  constructor(dependencies: LeftoversDependencies) {
    this.#deps = dependencies;
  }

  /** Takes in that this process sends for a carrier no more: its account, which has the policy, may be gone. */
  remember({ id, name, onUnknownOutcome }: Carrier): void {
    if (this.#removed.size >= REMEMBERED_MAX) this.#removed.clear();
    this.#removed.set(id, { name, onUnknownOutcome });
  }

  /** Begins to take over what there is, unless that is under way. */
  look(liveNodes: readonly NodeId[]): void {
    if (this.#isEnding || this.#looking !== null) return;
    this.#looking = this.#takeAllOver(liveNodes)
      .catch(() => {}) // the store could not, and the next look will
      .finally(() => (this.#looking = null));
  }

  /** Claims nothing more; resolves when what was claimed is handed on. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    await this.#looking;
  }

  async #takeAllOver(liveNodes: readonly NodeId[]): Promise<void> {
    const { store, isServed } = this.#deps;
    const left = (await store.leftoverCarriers()).filter((carrierId) => !isServed(carrierId));
    this.#strays = new Map(left.map((id) => [id, this.#strays.get(id) ?? this.#straysOf(id)]));
    for (const [carrierId, strays] of this.#strays) {
      const carrier = { id: carrierId, ...(this.#removed.get(carrierId) ?? FORGOTTEN) };
      await recoverCarrier({ ...this.#deps, carrier }, liveNodes);
      if (strays.isDue) await releaseStrays(strays, carrier, this.#deps);
      await this.#takeOver(carrier);
    }
  }

  #straysOf(carrierId: CarrierId): Strays {
    const { settling, rules, strayLookMs: lookEveryMs } = this.#deps;
    const held = () => settling.targets();
    return new Strays({ ...this.#deps, carrierId, node: rules.node, lookEveryMs, held });
  }

  async #takeOver({ id: carrierId, name }: Pick<Carrier, "id" | "name">): Promise<void> {
    const { store, rules, clock, logger } = this.#deps;
    let taken = 0;
    let hasMore = true;
    while (hasMore && !this.#isEnding) {
      const bounds = { limit: BATCH_MAX, characters: CLAIM_MAX_CHARACTERS };
      const targets = await store.claimTargets({ carrierId, node: rules.node, now: clock.now(), ...bounds });
      await this.#handOn(targets);
      taken += targets.length;
      hasMore = targets.length > 0;
    }
    if (taken > 0)
      logger.info({ carrier: name, targets: taken }, "took over what was left at a removed carrier");
  }

  async #handOn(targets: readonly OutboundTarget[]): Promise<void> {
    const { settling, rules, clock } = this.#deps;
    const unwritten = new UnderWay();
    for (const target of targets) {
      unwritten.begin();
      settling.add(leaveRemovedCarrier(target, clock.now(), rules), () => unwritten.end());
    }
    await within(unwritten.idle(), WRITTEN_WITHIN_MS); // what is not written then is tried on, and the next look is not held up
  }
}
