import type { CarrierId } from "../../domain/ids.ts";
import type { Micros } from "../../domain/micros.ts";
import type { TrailEntry } from "../../domain/trail.ts";
import { holdOf } from "../../domain/unknown-outcome.ts";
import type { RecoveryRequest, RecoveryResult } from "../queueing.ts";
import { texts } from "./array-literals.ts";
import { type LeasedRow, leasedPlace } from "./queue-rows.ts";
import { type TargetRef, trailColumn } from "./target-rows.ts";
import { moveTargets } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

/**
 * Rows of one carrier that other nodes have: as many as dispatchers hold in memory, however long the queue is. A node that
 * began to live after the caller's list was made is no dead one.
 */
export const RECOVER_SQL = {
  name: "recover",
  text: `
  SELECT l.customer_id, l.message_id, l.n, l.node FROM leased l
  WHERE l.carrier_id = $1 AND l.node <> ALL ($2::text[])
    AND NOT EXISTS (SELECT 1 FROM nodes o WHERE o.node = l.node AND o.expires_at > $3)
  LIMIT $4`,
} as const;

interface FoundRow {
  readonly customer_id: string;
  readonly message_id: string;
  readonly n: number;
  readonly node: string;
}

/** Takes back what dead nodes had. What they marked in flight is of unknown outcome (promise P3). */
export function recoverTargets(context: WriterContext, request: RecoveryRequest): Promise<RecoveryResult> {
  const { carrierId, liveNodes, policy, now, limit } = request;
  return moveTargets(context, async ({ session, targets, queue }) => {
    const rows = await session.rows<FoundRow>(RECOVER_SQL, [carrierId, texts(liveNodes), now, limit]);
    const found = rows.map(refOf);
    await targets.hold(found);
    const wanted = rows.map((row) => ({ carrierId, target: refOf(row), node: row.node }));
    const leased = await queue.takeLeased(wanted);
    let unknown = 0;
    for (const target of found) {
      const row = leased.get(leasedPlace(carrierId, target));
      if (row === undefined) continue; // its node settled it meanwhile
      const isUnknown = row.markedAt !== null;
      const attempt = { carrier: carrierId, at: now, attempts: row.attempts };
      const held = isUnknown ? holdOf(policy, attempt) : null;
      queue.putBack(carrierId, target, row, now, held !== null);
      if (isUnknown) unknown++;
      if (isUnknown) targets.note(target, trailOf(row, carrierId, now, held));
    }
    return { released: leased.size - unknown, unknown, more: rows.length === limit };
  });
}

function refOf(row: FoundRow): TargetRef {
  return { customerId: row.customer_id, messageId: row.message_id, n: row.n };
}

function trailOf(
  { node, attempts, bind }: LeasedRow,
  carrier: CarrierId,
  at: Micros,
  held: TrailEntry | null,
): string {
  const crashed: TrailEntry = { at, what: "in_flight_at_crash", carrier, node, attempt: attempts };
  const entry = bind === null ? crashed : { ...crashed, bind };
  return trailColumn(held === null ? [entry] : [entry, held]);
}
