import { describe, expect, it } from "vitest";
import { ARCHIVE_TABLES } from "./archive-partitions.ts";
import { CLAIM_DELIVERIES_SQL } from "./claim-deliveries.ts";
import { CLAIM_SQL } from "./claim-targets.ts";
import { FIRST_SCHEMA } from "./migrations/0001-first-schema.ts";
import { LEASED_TARGETS_SQL } from "./leased-targets.ts";
import { RECOVER_SQL } from "./recover-targets.ts";

/** The body of a table, between its name and the statement's end. */
function definitionOf(table: string): string {
  const found = new RegExp(`CREATE TABLE ${table} \\(([^;]*)\\)([^;)]*);`).exec(FIRST_SCHEMA);
  if (found === null) throw new Error(`no table ${table}`);
  return found[0];
}

describe("the archive", () => {
  it.each(ARCHIVE_TABLES)("keys %s by customer and message, and partitions it by message", (table) => {
    const definition = definitionOf(table);
    expect(definition).toMatch(/PRIMARY KEY \(customer_id, message_id[,)]/);
    expect(definition).toContain("PARTITION BY RANGE (message_id)");
  });

  it("has no index that does not begin with the customer", () => {
    const indexes = [...FIRST_SCHEMA.matchAll(/CREATE (?:UNIQUE )?INDEX (\w+) ON (\w+) \(([^)]*)\)/g)];
    const archived = indexes.filter(([, , table]) => ARCHIVE_TABLES.some((name) => name === table));
    expect(archived.length).toBeGreaterThan(0);
    for (const [, , , columns] of archived) expect(columns).toMatch(/^customer_id\b/);
  });
});

describe("claims", () => {
  it("name their carrier wherever they read or write the queue", () => {
    const picks = [...CLAIM_SQL.claim.text.matchAll(/FROM queue\b[^)]*/g)].map(([text]) => text);
    expect(picks.length).toBeGreaterThanOrEqual(4);
    for (const text of picks) expect(text).toMatch(/carrier_id = \$1/);
    expect(CLAIM_SQL.claimed.text).toContain("l.carrier_id = $1");
    expect(LEASED_TARGETS_SQL.text).toContain("l.carrier_id = $1");
    expect(RECOVER_SQL.text).toContain("l.carrier_id = $1");
  });

  it("name their endpoint wherever they read or write deliveries", () => {
    expect(CLAIM_DELIVERIES_SQL.claim.text.match(/endpoint_id = \$1/g)).toHaveLength(2);
    expect(CLAIM_DELIVERIES_SQL.unclaim.text).toContain("d.endpoint_id = $1");
  });

  it("step over what another claim holds", () => {
    for (const { text } of [CLAIM_SQL.claim, CLAIM_DELIVERIES_SQL.claim])
      expect(text).toContain("FOR UPDATE SKIP LOCKED");
  });
});
