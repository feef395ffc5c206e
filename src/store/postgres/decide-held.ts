import type { Micros } from "../../domain/micros.ts";
import type { HeldDecision, HeldKey } from "../holding.ts";
import { resendTargets } from "./resend-targets.ts";
import { stopHeldTargets } from "./stop-targets.ts";
import { placeOf } from "./target-rows.ts";
import { moveTargets, type UnitOfWork } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

/** Makes held targets due at once, or ends them. */
export function decideHeld(
  context: WriterContext,
  decision: HeldDecision,
  targets: readonly HeldKey[],
  at: Micros,
): Promise<readonly boolean[]> {
  const wanted = targets.map((target) => ({ carrierId: target.carrierId, target, at }));
  return moveTargets(context, async (unit) => {
    const decided =
      decision === "resend" ? await resend(unit, wanted) : await stopHeldTargets(unit, wanted, at);
    return targets.map((target) => decided.has(placeOf(target)));
  });
}

async function resend(unit: UnitOfWork, wanted: Parameters<typeof resendTargets>[1]): Promise<Set<string>> {
  await unit.targets.hold(wanted.map(({ target }) => target));
  return resendTargets(unit, wanted);
}
