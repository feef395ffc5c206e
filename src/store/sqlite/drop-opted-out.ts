import { timeOfId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import { OPTED_OUT_MEANWHILE } from "../../domain/opt-out.ts";
import { mayFollow } from "../../domain/target-status.ts";
import { columnToAddress } from "./address-column.ts";
import { type TargetRef, trailColumn } from "./target-rows.ts";
import type { WriterContext } from "./writer-context.ts";

/** A target that a node has and has not marked. */
export interface Unmarked {
  readonly target: TargetRef;
  /** As their columns hold them. */
  readonly source: string;
  readonly destination: string;
}

/**
 * Ends targets whose handset opted out after its message was accepted. A message that was accepted later was checked then,
 * and the answer to STOP itself must go.
 */
export function createOptedOutDrop({ optOuts, queue, targets, events }: WriterContext) {
  function isOptedOut({ target, source, destination }: Unmarked): boolean {
    if (!optOuts.mayHaveSome(target.customerId)) return false;
    const [sender, handset] = [columnToAddress(source).target, columnToAddress(destination).target];
    const period = optOuts.lasting(target.customer, sender, handset);
    return period !== null && period.since > timeOfId(target.messageId);
  }

  /** Whether the target was ended. */
  return (carrierId: string, unmarked: Unmarked, now: number): boolean => {
    if (!isOptedOut(unmarked)) return false;
    const { target } = unmarked;
    queue.takeAnyLeased(carrierId, target);
    const current = targets.read(target)?.status;
    if (current === undefined || !mayFollow(current, "failed")) return true;
    const trail = trailColumn([{ at: micros(now), what: "opted_out" }]);
    targets.write(target, { status: "failed", failure: OPTED_OUT_MEANWHILE, tmUpdate: now, trail });
    events.changed(target, "failed", now);
    return true;
  };
}
