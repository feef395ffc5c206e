import type { Client } from "pg";

/** A plan that was run: what it looked at. */
export interface Visits {
  /** Rows that its scans gave or threw away, and pairs that its joins threw away. */
  readonly rows: number;
  /** Pages looked at, in memory or not. */
  readonly pages: number;
  readonly lines: string;
}

interface PlanNode {
  readonly "Node Type": string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly "Rows Removed by Join Filter"?: number;
  readonly "Shared Hit Blocks"?: number;
  readonly "Shared Read Blocks"?: number;
  readonly Plans?: readonly PlanNode[];
}

/**
 * Prepares a statement anew, runs it, and takes back what it did. It is run twice and the second run is counted: the first
 * marks index entries of dead rows, which all later ones step over.
 * @param values literals as SQL has them.
 */
export async function visitsOf(client: Client, text: string, values: readonly string[]): Promise<Visits> {
  await client.query("BEGIN");
  try {
    await client.query(`PREPARE looked_at AS ${text}`);
    const call = values.length === 0 ? "looked_at" : `looked_at (${values.join(", ")})`;
    await client.query("SAVEPOINT before");
    await client.query(`EXECUTE ${call}`);
    await client.query("ROLLBACK TO before");
    const { rows } = await client.query<{ "QUERY PLAN": readonly [{ readonly Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE ${call}`,
    );
    const plan = rows[0]?.["QUERY PLAN"][0].Plan;
    if (plan === undefined) throw new Error("no plan");
    return {
      rows: nodesOf(plan).reduce((sum, node) => sum + rowsOf(node), 0),
      pages: (plan["Shared Hit Blocks"] ?? 0) + (plan["Shared Read Blocks"] ?? 0),
      lines: nodesOf(plan)
        .map(
          (node) =>
            `${node["Node Type"]}: ${node["Actual Rows"]} × ${node["Actual Loops"]}, ${rowsOf(node)} in all`,
        )
        .join("\n"),
    };
  } finally {
    await client.query("ROLLBACK");
    await client.query("DEALLOCATE ALL");
  }
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function rowsOf(node: PlanNode): number {
  const removed =
    (node["Rows Removed by Filter"] ?? 0) +
    (node["Rows Removed by Index Recheck"] ?? 0) +
    (node["Rows Removed by Join Filter"] ?? 0);
  const given = node["Node Type"].includes("Scan") ? node["Actual Rows"] : 0;
  return (given + removed) * node["Actual Loops"];
}
