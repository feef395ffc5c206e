import { micros } from "../../domain/micros.ts";
import type { QueuedTarget } from "./queue-rows.ts";
import { placeOf, trailColumn } from "./target-rows.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** Makes held targets due at their times; answers which of them their carriers held. They must be held by the unit. */
export async function resendTargets(
  { targets, queue }: UnitOfWork,
  wanted: readonly (QueuedTarget & { readonly at: number })[],
): Promise<Set<string>> {
  const ended = await queue.endHolds(wanted);
  for (const { target, at } of wanted) {
    if (ended.has(placeOf(target))) targets.note(target, trailColumn([{ at: micros(at), what: "resent" }]));
  }
  return ended;
}
