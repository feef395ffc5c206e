import type { InFlightMark } from "../queueing.ts";
import { type Row, text } from "./connection.ts";
import { createOptedOutDrop } from "./drop-opted-out.ts";
import { idToBytes } from "./id-bytes.ts";
import { targetRefOfRow } from "./target-rows.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export function encodeMarks(marks: readonly InFlightMark[]): Wire {
  const wire: Wire = ["markInFlight", marks.length];
  for (const { carrierId, messageId, n, node, bind, epoch, at } of marks) {
    wire.push(carrierId, messageId, n, node, bind, epoch, at);
  }
  return wire;
}

export function decodeMarked(answer: WireReader): boolean[] {
  return answer.list((item) => item.number() === 1);
}

/** From where to where a target goes that a node has and has not marked. */
export const UNMARKED_SQL = `
  SELECT l.customer_id, l.message_id, l.n, coalesce(m.source, d.source), t.destination FROM leased l
    JOIN targets t ON t.customer_id = l.customer_id AND t.message_id = l.message_id AND t.n = l.n
    LEFT JOIN messages m ON m.customer_id = l.customer_id AND m.message_id = l.message_id
    LEFT JOIN deleted_messages d ON d.customer_id = l.customer_id AND d.message_id = l.message_id
  WHERE l.carrier_id = ? AND l.message_id = ? AND l.n = ? AND l.node = ? AND l.marked_at IS NULL`;

/**
 * Marks leased targets in flight: one update in place each, for no index covers what it changes. One whose handset opted out
 * while it waited in memory is ended instead, as by a claim. Here, and not when the opt-out begins: that would have to go through
 * all that is leased, for nothing leads from a handset to it. Only what was accepted before some opt-out is asked about.
 */
export function markInFlight(context: WriterContext): Operation {
  const { connection, queue, nodes, optOuts } = context;
  const isDropped = createOptedOutDrop(context);
  const unmarked = connection.prepare(UNMARKED_SQL);

  function isOptedOut(carrierId: string, message: Uint8Array, n: number, node: string, at: number): boolean {
    const row = unmarked.get(queue.carrierBytes(carrierId), message, n, nodes.numberOf(node));
    return row !== undefined && isDropped(carrierId, unmarkedOf(row), at);
  }

  return (request) => {
    const marks = request.number();
    const answer: Wire = [marks];
    for (let index = 0; index < marks; index++) {
      const [carrierId, messageId, n] = [request.text(), request.text(), request.number()];
      const [node, bind, epoch, at] = [request.text(), request.number(), request.number(), request.number()];
      const message = idToBytes(messageId);
      const isStopped = optOuts.beganAfter(messageId) && isOptedOut(carrierId, message, n, node, at);
      answer.push(!isStopped && queue.mark(carrierId, message, n, node, { bind, epoch, at }) ? 1 : 0);
    }
    return answer;
  };
}

function unmarkedOf(row: Row) {
  return {
    target: targetRefOfRow(row[0], row[1], row[2]),
    source: text(row[3]),
    destination: text(row[4]),
  };
}
