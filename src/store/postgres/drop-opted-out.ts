import type { Failure } from "../../domain/failure.ts";
import { timeOfId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { OutboundTarget } from "../../domain/outbound-target.ts";
import { digitsOf } from "../../domain/owned-number.ts";
import { mayFollow } from "../../domain/target-status.ts";
import type { ClaimRequest } from "../queueing.ts";
import { ids, texts } from "./array-literals.ts";
import { HANDSET_KEY } from "./opting-out.ts";
import { trailColumn } from "./target-rows.ts";
import { moveTargets } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

const FAILURE: Failure = {
  code: "recipient_opted_out",
  carrierCode: "",
  message: "The recipient opted out while the message waited.",
};

export const OPTED_OUT_SQL = {
  name: "opted_out_since",
  text: `
  SELECT u.c AS customer_id, u.sender, u.handset, o.since FROM unnest($1::uuid[], $2::text[], $3::text[]) AS u (c, sender, handset)
    JOIN opt_outs o ON o.customer_id = u.c AND o.sender_key = u.sender AND o.handset_key = ${HANDSET_KEY("u.handset")}
      AND o.until IS NULL`,
} as const;

/**
 * Ends claimed targets whose handset opted out after its message was accepted, and answers the others. A message that was
 * accepted later was checked then, and the answer to STOP itself must go.
 */
export async function dropOptedOut(
  context: WriterContext,
  { carrierId, node, now }: ClaimRequest,
  claimed: readonly OutboundTarget[],
  mayHaveSome: (target: OutboundTarget) => boolean,
): Promise<readonly OutboundTarget[]> {
  const doubtful = claimed.filter(mayHaveSome);
  if (doubtful.length === 0) return claimed;
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
  const isOut = ({ customerId, messageId, source, destination }: OutboundTarget) => {
    const place = `${customerId} ${digitsOf(source.target)} ${digitsOf(destination.target)}`;
    return (since.get(place) ?? 0) > timeOfId(messageId);
  };
  const dropped = doubtful.filter(isOut);
  if (dropped.length === 0) return claimed;
  await moveTargets(context, async ({ targets, queue, events }) => {
    await targets.hold(dropped);
    await queue.takeLeased(dropped.map((target) => ({ carrierId, target, node })));
    for (const target of dropped) {
      const current = targets.read(target)?.status;
      if (current === undefined || !mayFollow(current, "failed")) continue;
      const trail = trailColumn([{ at: micros(now), what: "opted_out" }]);
      targets.write(target, { status: "failed", failure: FAILURE, tmUpdate: now, trail });
      events.changed(target, "failed", now);
    }
  });
  return claimed.filter((target) => !dropped.includes(target));
}
