import type { CarrierId } from "../../domain/ids.ts";
import { type Micros, micros } from "../../domain/micros.ts";
import type { TrailEntry } from "../../domain/trail.ts";
import { holdOf, type UnknownOutcomePolicy } from "../../domain/unknown-outcome.ts";
import type { RecoveryRequest, RecoveryResult } from "../queueing.ts";
import { integer } from "./connection.ts";
import type { LeasedRow } from "./queue-rows.ts";
import { type TargetRef, targetRefOfRow, trailColumn } from "./target-rows.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export function encodeRecovery({ carrierId, liveNodes, policy, now, limit }: RecoveryRequest): Wire {
  return ["recoverTargets", carrierId, policy, now, limit, liveNodes.length, ...liveNodes];
}

export function decodeRecovered(answer: WireReader): RecoveryResult {
  return { released: answer.number(), unknown: answer.number(), more: answer.number() === 1 };
}

/** Rows of one carrier that other nodes have: as many as dispatchers hold in memory, however long the queue is. */
export const RECOVER_SQL = `
  SELECT customer_id, message_id, n FROM leased
  WHERE carrier_id = ?1 AND node NOT IN (SELECT value FROM json_each(?2)) LIMIT ?3`;

/** Takes back what dead nodes had. What they marked in flight is of unknown outcome (promise P3). */
export function recoverTargets({ connection, queue, nodes, targets }: WriterContext): Operation {
  const select = connection.prepare(RECOVER_SQL);

  function trailOf(row: LeasedRow, carrier: CarrierId, at: Micros, held: TrailEntry | null): string {
    const node = nodes.nameOf(row.node);
    const crashed: TrailEntry = { at, what: "in_flight_at_crash", carrier, node, attempt: row.attempts };
    const entry = row.bind === null ? crashed : { ...crashed, bind: row.bind };
    return trailColumn(held === null ? [entry] : [entry, held]);
  }

  /** Whether the target was marked in flight. */
  function recover(carrier: CarrierId, target: TargetRef, at: Micros, policy: UnknownOutcomePolicy): boolean {
    const row = queue.takeAnyLeased(carrier, target);
    if (row === undefined) return false;
    const wasMarked = row.markedAt !== null;
    const held = wasMarked ? holdOf(policy, { carrier, at, attempts: row.attempts }) : null;
    queue.insertWaiting(carrier, target, row, at, held !== null);
    if (wasMarked) targets.note(target, trailOf(row, carrier, at, held));
    return wasMarked;
  }

  return (request) => {
    const carrier = request.text() as CarrierId; // encodeRecovery wrote it
    const policy = request.text() as UnknownOutcomePolicy; // so is this
    const [now, limit] = [micros(request.number()), request.number()];
    const live = request.list((item) => nodes.numberOf(item.text()));
    if (!queue.hasLeasesBeside(carrier, live)) return [0, 0, 0];
    const rows = select.all(queue.carrierBytes(carrier), JSON.stringify(live), limit);
    let unknown = 0;
    for (const row of rows) {
      if (recover(carrier, targetRefOfRow(row[0], row[1], integer(row[2])), now, policy)) unknown++;
    }
    if (rows.length < limit) queue.onlyLeasedTo(carrier, live);
    const answer: Wire = [rows.length - unknown, unknown, rows.length === limit ? 1 : 0];
    return answer;
  };
}
