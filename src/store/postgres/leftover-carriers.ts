import type { CarrierId } from "../../domain/ids.ts";
import type { Statement } from "./connection.ts";
import type { Reads } from "./message-rows.ts";

/** The next carrier with rows of the table, between two ids. */
const nextIn = (table: string, condition: string): string =>
  `(SELECT w.carrier_id FROM ${table} w
        WHERE ${condition} w.carrier_id > at.carrier_id AND w.carrier_id < at.before ORDER BY w.carrier_id LIMIT 1)`;

/**
 * Looks only between the ids of the carriers that there are, hopping along the keys: where nothing is left it reads no row,
 * and never steps over what the queues of the others left dead in an index.
 */
export const LEFTOVER_CARRIERS_SQL: Statement = {
  name: "leftover_carriers",
  text: `
  WITH RECURSIVE gaps (after, before) AS (
    SELECT id, lead(id, 1, 'ffffffff-ffff-ffff-ffff-ffffffffffff') OVER (ORDER BY id) FROM (
      SELECT carrier_id FROM carriers UNION ALL SELECT '00000000-0000-0000-0000-000000000000') AS known (id)
  ), at (carrier_id, before, is_gone) AS (
    SELECT after, before, false FROM gaps
    UNION ALL
    SELECT next.carrier_id, at.before, true FROM at CROSS JOIN LATERAL (
      SELECT least(
        ${nextIn("queue", "NOT w.held AND")},
        ${nextIn("leased", "")})) AS next (carrier_id)
    WHERE next.carrier_id IS NOT NULL
  )
  SELECT carrier_id FROM at WHERE is_gone`,
};

/** Carriers that are gone, and have targets queued or leased to nodes. */
export async function leftoverCarriers(reads: Reads): Promise<readonly CarrierId[]> {
  const rows = await reads.rows<{ carrier_id: string }>(LEFTOVER_CARRIERS_SQL, []);
  return rows.map((row) => row.carrier_id as CarrierId); // a carrier_id column
}
