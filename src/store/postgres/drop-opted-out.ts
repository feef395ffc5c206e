import type { Address } from "../../domain/address.ts";
import { type CarrierId, type NodeId, timeOfId } from "../../domain/ids.ts";
import type { TargetKey } from "../../domain/message.ts";
import type { Micros } from "../../domain/micros.ts";
import { OPTED_OUT_MEANWHILE } from "../../domain/opt-out.ts";
import { digitsOf } from "../../domain/owned-number.ts";
import { mayFollow } from "../../domain/target-status.ts";
import { ids, texts } from "./array-literals.ts";
import { HANDSET_KEY, lastingAt } from "./opting-out.ts";
import { trailColumn } from "./target-rows.ts";
import { moveTargets } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

export const OPTED_OUT_SQL = {
  name: "opted_out_since",
  text: `
  SELECT u.c AS customer_id, u.sender, u.handset, o.since FROM (
    SELECT c, sender, handset, ${HANDSET_KEY("handset")} AS handset_key
    FROM unnest($1::uuid[], $2::text[], $3::text[]) AS v (c, sender, handset) OFFSET 0) AS u
  CROSS JOIN LATERAL ${lastingAt("u.c", "u.sender", "u.handset_key", "since")} AS o`,
} as const;

/** A target that a node has just claimed or marked. */
export interface Doubtful extends TargetKey {
  readonly carrierId: CarrierId;
  readonly node: NodeId;
  readonly at: Micros;
  readonly source: Address;
  readonly destination: Address;
}

/**
 * Ends targets whose handset opted out after its message was accepted, and answers which those were. A message that was
 * accepted later was checked then, and the answer to STOP itself must go.
 */
export async function dropOptedOut<Each extends Doubtful>(
  context: WriterContext,
  doubtful: readonly Each[],
): Promise<readonly Each[]> {
  if (doubtful.length === 0) return [];
  const rows = await context.database.read<{
    customer_id: string;
    sender: string;
    handset: string;
    since: number;
  }>(OPTED_OUT_SQL, [
    ids(doubtful.map(({ customerId }) => customerId)),
    texts(doubtful.map(({ source }) => digitsOf(source.target))),
    texts(doubtful.map(({ destination }) => digitsOf(destination.target))),
  ]);
  const since = new Map(rows.map((row) => [`${row.customer_id} ${row.sender} ${row.handset}`, row.since]));
  const isOut = ({ customerId, messageId, source, destination }: Doubtful) => {
    const place = `${customerId} ${digitsOf(source.target)} ${digitsOf(destination.target)}`;
    return (since.get(place) ?? 0) > timeOfId(messageId);
  };
  const dropped = doubtful.filter(isOut);
  if (dropped.length === 0) return [];
  await moveTargets(context, async ({ targets, queue, events }) => {
    await targets.hold(dropped);
    await queue.takeLeased(dropped.map((target) => ({ ...target, target })));
    for (const target of dropped) {
      const current = targets.read(target)?.status;
      if (current === undefined || !mayFollow(current, "failed")) continue;
      const { at } = target;
      const trail = trailColumn([{ at, what: "opted_out" }]);
      targets.write(target, { status: "failed", failure: OPTED_OUT_MEANWHILE, tmUpdate: at, trail });
      events.changed(target, "failed", at);
    }
  });
  return dropped;
}
