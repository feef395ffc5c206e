import type { Address } from "../domain/address.ts";
import type { TargetPreview } from "./accept-request.ts";
import type { TargetPlan } from "./plan-targets.ts";

/** What would become of each destination by its plan; `waiting` is the status of those that would be sent. */
export function previewTargets(
  destinations: readonly Address[],
  plans: readonly TargetPlan[],
  waiting: "queued" | "scheduled",
): readonly TargetPreview[] {
  return plans.map((plan, n) => {
    const destination = destinations[n];
    if (destination === undefined) throw new Error(`plan ${n} has no destination`);
    const { parts, encoding } = plan;
    if (plan.kind === "failed")
      return { destination, status: "failed", parts, encoding, route: [], failure: plan.failure };
    const route = [plan.carrierId, ...plan.fallbacks];
    return { destination, status: waiting, parts, encoding, route, failure: null };
  });
}
