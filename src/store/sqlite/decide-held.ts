import type { Micros } from "../../domain/micros.ts";
import type { HeldDecision, HeldKey } from "../holding.ts";
import { resendTarget } from "./resend-target.ts";
import { createTargetStop } from "./stop-target.ts";
import { targetRef } from "./target-rows.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export function encodeDecision(decision: HeldDecision, targets: readonly HeldKey[], at: Micros): Wire {
  const wire: Wire = ["decideHeld", decision, at, targets.length];
  for (const { carrierId, customerId, messageId, n } of targets)
    wire.push(carrierId, customerId, messageId, n);
  return wire;
}

export function decodeDecided(answer: WireReader): boolean[] {
  return answer.list((item) => item.number() === 1);
}

export const IS_HELD_SQL =
  "SELECT 1 FROM queue WHERE carrier_id = ? AND message_id = ? AND n = ? AND held = 1";

/** Makes held targets due at once, or ends them. */
export function decideHeld(context: WriterContext): Operation {
  const { connection, queue } = context;
  const stops = createTargetStop(context);
  const isHeld = connection.prepare(IS_HELD_SQL);

  return (request) => {
    const [decision, at] = [request.text() as HeldDecision, request.number()]; // encodeDecision wrote it
    const decided = request.list((item) => {
      const carrierId = item.text();
      const target = targetRef(item.text(), item.text(), item.number());
      if (decision === "resend") return resendTarget(context, carrierId, target, at);
      const row = [queue.carrierBytes(carrierId), target.message, target.n] as const;
      return isHeld.get(...row) !== undefined && stops.stop(target, at);
    });
    return [decided.length, ...decided.map(Number)];
  };
}
