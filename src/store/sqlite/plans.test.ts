import { describe, expect, it } from "vitest";
import { CLAIM_DELIVERIES_SQL } from "./claim-deliveries.ts";
import { CLAIM_REROUTABLE_SQL } from "./claim-reroutable.ts";
import { CLAIM_SQL } from "./claim-targets.ts";
import { text } from "./connection.ts";
import { DROP_DELIVERIES_SQL } from "./drop-deliveries.ts";
import { END_FIRST_LEASES_SQL } from "./end-first-leases.ts";
import { EVENTS_SQL } from "./event-folder.ts";
import { EXPIRE_SQL } from "./expire.ts";
import { openEmptyDatabase } from "./fixtures/empty-database.ts";
import { LEASED_TARGETS_SQL } from "./leased-targets.ts";
import { UNMARKED_SQL } from "./mark-in-flight.ts";
import { LIST_SQL } from "./read-messages.ts";
import { DUE_ENDPOINTS_SQL, NEXT_DELIVERY_SQL, NEXT_DUE_SQL } from "./read-queue.ts";
import { RECEIPT_KEYS_SQL } from "./receipt-keys.ts";
import { RECOVER_SQL } from "./recover-targets.ts";
import { SETTLE_DELIVERIES_SQL } from "./settle-deliveries.ts";

/** Leased rows are as many as fit the dispatchers' memory; only a sweep that has reason to goes through them. */
const { leased: _, earliestLeased: __, ...EXPIRE_BY_INDEX } = EXPIRE_SQL;

const STATEMENTS: readonly (readonly [string, string])[] = [
  ...named("list", LIST_SQL),
  ...named("claim", CLAIM_SQL),
  ...named("claim reroutable", CLAIM_REROUTABLE_SQL),
  ...named("claim deliveries", CLAIM_DELIVERIES_SQL),
  ...named("settle deliveries", SETTLE_DELIVERIES_SQL),
  ...named("drop deliveries", DROP_DELIVERIES_SQL),
  ["end first leases", END_FIRST_LEASES_SQL],
  ...named("events", EVENTS_SQL),
  ...named("expire", EXPIRE_BY_INDEX),
  ["unmarked", UNMARKED_SQL],
  ["recover", RECOVER_SQL],
  ["leased targets", LEASED_TARGETS_SQL],
  ["next due", NEXT_DUE_SQL],
  ["next delivery", NEXT_DELIVERY_SQL],
  ["receipt key", RECEIPT_KEYS_SQL.select("receipt_keys_0", "k.settled")],
  ["receipt index", RECEIPT_KEYS_SQL.select("receipt_index", "0")],
  ["old receipt key", RECEIPT_KEYS_SQL.selectOld],
];

function named(area: string, statements: Readonly<Record<string, string>>): (readonly [string, string])[] {
  return Object.entries(statements).map(([name, sql]) => [`${area} ${name}`, sql] as const);
}

describe("on the way of a message", () => {
  it.each(STATEMENTS)("%s goes along an index, however much is stored", (_name, sql) => {
    expect(slowSteps(sql)).toEqual([]);
  });

  it("the check sees a statement that goes through a table, and one that sorts", () => {
    expect(slowSteps("SELECT * FROM targets WHERE status = 1")).toEqual(["SCAN targets"]);
    expect(slowSteps("SELECT * FROM queue WHERE carrier_id = ? ORDER BY due_at")).toEqual([
      "USE TEMP B-TREE FOR ORDER BY",
    ]);
  });

  it("what others could take is looked for in the queue alone, along the claim index", () => {
    expect(planOf(CLAIM_REROUTABLE_SQL.look)).toEqual([
      expect.stringMatching(/^SEARCH q USING INDEX queue_claim /),
    ]);
  });

  it("endpoints with something due are found by hopping from one to the next", () => {
    const plan = planOf(DUE_ENDPOINTS_SQL);
    expect(plan.filter((step) => step.startsWith("SCAN")).toSorted()).toEqual([
      "SCAN waiting",
      "SCAN waiting",
    ]);
    expect(plan).toContain("SEARCH deliveries USING COVERING INDEX deliveries_due");
    expect(plan).toContain("SEARCH d USING COVERING INDEX deliveries_due (endpoint_id>?)");
  });
});

function planOf(sql: string): string[] {
  using database = openEmptyDatabase();
  return database.connection
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map((row) => text(row[3]));
}

function slowSteps(sql: string): string[] {
  return planOf(sql).filter((step) => {
    if (
      step === "SCAN CONSTANT ROW" ||
      step.startsWith("SCAN (subquery") ||
      step.startsWith("SCAN json_each")
    )
      return false;
    return step.startsWith("SCAN ") || step.includes("TEMP B-TREE");
  });
}
