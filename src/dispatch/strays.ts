import type { Carrier } from "../carriers/carrier.ts";
import type { Clock } from "../domain/clock.ts";
import type { CarrierId, NodeId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { TargetKey } from "../domain/message.ts";
import type { Metrics } from "../domain/metrics.ts";
import type { LeasedTarget, QueueStore } from "../store/queueing.ts";
import { CLAIM_MAX } from "./dispatch-settings.ts";
import type { OutcomeRules } from "./flight-outcome.ts";
import type { Settling } from "./settling.ts";
import { releaseTarget } from "./unsent-target.ts";

export interface StraysDependencies {
  readonly store: Pick<QueueStore, "leasedTargets">;
  readonly carrierId: CarrierId;
  readonly node: NodeId;
  readonly monotonicMs: () => number;
  readonly lookEveryMs: number;
  /** Targets that are in this process's memory, until what became of them is committed; also such as were not sent. */
  readonly held: () => Iterable<TargetKey>;
}

/**
 * Finds targets that the store leases to this node while the node does not have them: the answer to an accept, a claim or a
 * mark was lost after its commit, so nobody would send them before this process ends. None of them was ever sent, not even
 * one that is marked: it stays held from before the request for its mark until its outcome is committed.
 *
 * A stray is what is unknown here at two looks in a row. One look may see a commit whose answer is still under way.
 */
export class Strays {
  readonly #deps: StraysDependencies;
  #suspects: ReadonlySet<string> = new Set();
  #nextLookMs: number;
  #isLooking = false;

  constructor(dependencies: StraysDependencies) {
    this.#deps = dependencies;
    this.#nextLookMs = dependencies.monotonicMs() + dependencies.lookEveryMs;
  }

  get isDue(): boolean {
    return !this.#isLooking && this.#deps.monotonicMs() >= this.#nextLookMs;
  }

  /** Looks, and is due again after a while; answers what is astray. When the store cannot tell, the next look will. */
  async find(): Promise<readonly LeasedTarget[]> {
    const { monotonicMs, lookEveryMs } = this.#deps;
    this.#isLooking = true;
    this.#nextLookMs = monotonicMs() + lookEveryMs;
    try {
      return this.#judge(await this.#leased());
    } catch {
      return [];
    } finally {
      this.#isLooking = false;
    }
  }

  async #leased(): Promise<readonly LeasedTarget[]> {
    const { store, carrierId, node } = this.#deps;
    const leased: LeasedTarget[] = [];
    for (let after: TargetKey | null = null; ;) {
      const page: readonly LeasedTarget[] = await store.leasedTargets({
        carrierId,
        node,
        after,
        limit: CLAIM_MAX,
      });
      leased.push(...page);
      after = page.at(-1) ?? null;
      if (after === null || page.length < CLAIM_MAX) return leased;
    }
  }

  #judge(leased: readonly LeasedTarget[]): readonly LeasedTarget[] {
    if (leased.length === 0) {
      this.#suspects = new Set();
      return [];
    }
    const held = new Set<string>();
    for (const target of this.#deps.held()) held.add(placeOf(target));
    const unknown = leased.filter((target) => !held.has(placeOf(target)));
    const before = this.#suspects;
    this.#suspects = new Set(unknown.map(placeOf));
    return unknown.filter((target) => before.has(placeOf(target)));
  }
}

export interface StrayReleaseDependencies {
  readonly settling: Settling;
  readonly rules: Pick<OutcomeRules, "node">;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Gives the store back what is astray at a carrier. */
export async function releaseStrays(
  strays: Strays,
  { id: carrierId, name }: Pick<Carrier, "id" | "name">,
  { settling, rules, clock, metrics, logger }: StrayReleaseDependencies,
): Promise<void> {
  const found = await strays.find();
  if (found.length === 0) return;
  const at = clock.now();
  for (const { markedAt, ...key } of found)
    settling.add(releaseTarget({ ...key, carrierId }, at, rules.node, markedAt), () => {});
  metrics.count("msgbin_strays_total", { carrier: name }, found.length);
  const fields = { carrier: name, targets: found.length };
  logger.warn(fields, "targets were leased here without this process knowing; they are queued again");
}

function placeOf({ messageId, n }: TargetKey): string {
  return `${messageId} ${n}`;
}
