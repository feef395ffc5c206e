import type { CustomerId, MessageId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { LeasedQuery, LeasedTarget } from "../queueing.ts";
import type { Statement } from "./connection.ts";
import type { Reads } from "./message-rows.ts";

/** Along the key of the leased rows, which are as many as the dispatchers hold in memory, however long the queue is. */
export const LEASED_TARGETS_SQL: Statement = {
  name: "leased_targets",
  text: `
  SELECT l.customer_id, l.message_id, l.n, l.marked_at FROM leased l
  WHERE l.carrier_id = $1 AND l.node = $2 AND (l.message_id, l.n) > ($3::uuid, $4::integer)
  ORDER BY l.message_id, l.n LIMIT $5`,
};

/** Comes before every target: an id is never all zeros. */
const BEFORE_ALL = { messageId: "00000000-0000-0000-0000-000000000000", n: -1 } as const;

interface LeasedRow {
  readonly customer_id: string;
  readonly message_id: string;
  readonly n: number;
  readonly marked_at: number | null;
}

/** A page of what is leased to a node or marked by it. */
export async function leasedTargets(
  reads: Reads,
  { carrierId, node, after, limit }: LeasedQuery,
): Promise<readonly LeasedTarget[]> {
  const { messageId, n } = after ?? BEFORE_ALL;
  const rows = await reads.rows<LeasedRow>(LEASED_TARGETS_SQL, [carrierId, node, messageId, n, limit]);
  return rows.map((row) => ({
    customerId: row.customer_id as CustomerId, // a customer_id column
    messageId: row.message_id as MessageId, // a message_id column
    n: row.n,
    markedAt: row.marked_at === null ? null : micros(row.marked_at),
  }));
}
