import { micros } from "../../domain/micros.ts";
import { type TargetRef, trailColumn } from "./target-rows.ts";
import type { WriterContext } from "./writer-context.ts";

/** Makes a held target due at once; false when the carrier does not hold it. */
export function resendTarget(
  { queue, targets }: Pick<WriterContext, "queue" | "targets">,
  carrierId: string,
  target: TargetRef,
  at: number,
): boolean {
  if (!queue.endHold(carrierId, target, at)) return false;
  targets.note(target, trailColumn([{ at: micros(at), what: "resent" }]));
  return true;
}
