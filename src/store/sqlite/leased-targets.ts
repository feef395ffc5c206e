import type { CustomerId, MessageId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { LeasedQuery, LeasedTarget } from "../queueing.ts";
import { bytes, type Connection, integer, integerOrNull } from "./connection.ts";
import { bytesToId, idToBytesOrNull } from "./id-bytes.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation } from "./writer-context.ts";

/** Along the key of the leased rows, which are as many as the dispatcher holds in memory, however long the queue is. */
export const LEASED_TARGETS_SQL = `
  SELECT customer_id, message_id, n, marked_at FROM leased
  WHERE carrier_id = ?1 AND (message_id, n) > (?3, ?4) AND node = (SELECT number FROM nodes WHERE node = ?2)
  ORDER BY message_id, n LIMIT ?5`;

/** Comes before every target: an id is never all zeros. */
const BEFORE_ALL = { messageId: "00000000-0000-0000-0000-000000000000", n: -1 } as const;

export function encodeLeasedQuery({ carrierId, node, after, limit }: LeasedQuery): Wire {
  const { messageId, n } = after ?? BEFORE_ALL;
  return ["leasedTargets", carrierId, node, messageId, n, limit];
}

export function decodeLeased(answer: WireReader): LeasedTarget[] {
  return answer.list((item) => {
    const customerId = item.text() as CustomerId; // the bytes of a customer_id column
    const messageId = item.text() as MessageId; // the bytes of a message_id column
    const [n, markedAt] = [item.number(), item.numberOrNull()];
    return { customerId, messageId, n, markedAt: markedAt === null ? null : micros(markedAt) };
  });
}

/** A page of what is leased to a node or marked by it. */
export function leasedTargets(connection: Connection): Operation {
  const select = connection.prepare(LEASED_TARGETS_SQL);
  return (request) => {
    const [carrier, node] = [idToBytesOrNull(request.text()), request.text()];
    const [message, n, limit] = [idToBytesOrNull(request.text()), request.number(), request.number()];
    const rows = carrier === null || message === null ? [] : select.all(carrier, node, message, n, limit);
    const answer: Wire = [rows.length];
    for (const row of rows) {
      answer.push(bytesToId(bytes(row[0])), bytesToId(bytes(row[1])), integer(row[2]));
      answer.push(integerOrNull(row[3] ?? null));
    }
    return answer;
  };
}
