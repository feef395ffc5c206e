import { describe, expect, it } from "vitest";
import { LIST_AUDIT_SQL } from "./audit-log.ts";
import { EVENTS_SQL } from "./event-folder.ts";
import { integer, text } from "./connection.ts";
import { IS_HELD_SQL } from "./decide-held.ts";
import { END_OPT_OUT_SQL } from "./end-opt-out.ts";
import { ERASE_CONTENT_SQL } from "./erase-content.ts";
import { ERASE_MESSAGES_SQL } from "./erase-messages.ts";
import { ERASE_WORKING_SET_SQL } from "./erase-working-set.ts";
import { openEmptyDatabase } from "./fixtures/empty-database.ts";
import { GATHERING_SQL } from "./gathering-rows.ts";
import { HELD_SQL } from "./held-targets.ts";
import { LIST_ATTEMPTS_SQL } from "./list-attempts.ts";
import { LIST_EVENTS_SQL } from "./list-events.ts";
import { OPT_OUT_SQL } from "./opt-out-rows.ts";
import { READ_NUMBERS_SQL } from "./read-numbers.ts";
import { listOptOutsSql } from "./read-opt-outs.ts";
import { RECOUNT_SQL } from "./read-recount.ts";
import { RECEIVE_SQL } from "./receive-messages.ts";
import { REMOVE_OLD_SQL } from "./remove-old.ts";
import { REPLAY_SQL } from "./replay-events.ts";
import { RETENTION_CUSTOMERS_SQL } from "./retention-customers.ts";
import { conditionsOf, SEARCH_SQL } from "./search-messages.ts";
import { STOP_SQL } from "./stop-target.ts";

const { page, ...searches } = SEARCH_SQL;
const { sliceMessages, ...erasures } = ERASE_MESSAGES_SQL;
const { emptyMessage, ...contentErasures } = ERASE_CONTENT_SQL;
const { remove, empty, ...retentions } = REMOVE_OLD_SQL;
const TABLES = ["messages", "deleted_messages"] as const;
const BOOLEANS = [false, true] as const;

/** Every statement of the operations beside the way of a message that reads more than it was handed. */
const STATEMENTS: readonly (readonly [string, string])[] = [
  ...named("number", READ_NUMBERS_SQL),
  ...named("gathering", GATHERING_SQL),
  ...named("reception", RECEIVE_SQL),
  ["opt-out lasting", OPT_OUT_SQL.lasting],
  ["opt-out end", END_OPT_OUT_SQL],
  ...BOOLEANS.flatMap((sender) =>
    BOOLEANS.flatMap((handset) =>
      BOOLEANS.map((lasting) => {
        const sql = listOptOutsSql({ sender, handset, lasting });
        return [`opt-outs by ${JSON.stringify({ sender, handset, lasting })}`, sql] as const;
      }),
    ),
  ),
  ...named("search", searches),
  ["search page", page([])],
  ["search page by status", page(conditionsOf({ status: "sent" }).sql)],
  ["search page by destination and source", page(conditionsOf({ destination: "+1", source: "+2" }).sql)],
  ...named("stop", STOP_SQL),
  ...named("held", HELD_SQL),
  ["held one", IS_HELD_SQL],
  ...named("recount", RECOUNT_SQL),
  ["attempts of endpoint", LIST_ATTEMPTS_SQL.ofEndpoint],
  ["attempts of event", LIST_ATTEMPTS_SQL.ofEvent],
  ["events", LIST_EVENTS_SQL],
  ...named("event", EVENTS_SQL),
  ["audit", LIST_AUDIT_SQL],
  ["replay endpoint", REPLAY_SQL.endpoint],
  ["replay one", REPLAY_SQL.one],
  ...TABLES.map((table) => [`erase slice of ${table}`, sliceMessages(table)] as const),
  ...TABLES.map((table) => [`erase in ${table}`, emptyMessage(table)] as const),
  ...named("erase", erasures),
  ...named("erase", contentErasures),
  ...named("erase", ERASE_WORKING_SET_SQL),
  ...named("retention", retentions),
  ...TABLES.map((table) => [`retention in ${table}`, empty(table)] as const),
  ...[...TABLES, "targets", "events", "attempts", "undelivered", "retention_waiting"].map(
    (table) => [`retention from ${table}`, remove(table)] as const,
  ),
  ["retention customers", RETENTION_CUSTOMERS_SQL],
];

function named(area: string, statements: Readonly<Record<string, string>>): (readonly [string, string])[] {
  return Object.entries(statements).map(([name, sql]) => [`${area} ${name}`, sql] as const);
}

describe("beside the way of a message", () => {
  it("no statement goes through a table or sorts: what is stored does not make it slower", () => {
    using database = openEmptyDatabase();
    const { connection } = database;
    const slow = STATEMENTS.flatMap(([name, sql]) => {
      const steps = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
      return steps
        .map((step) => text(step[3]))
        .filter((step) => step.startsWith("SCAN ") || step.includes("TEMP B-TREE"))
        .map((step) => `${name}: ${step}`);
    });
    expect(slow).toEqual([]);
    expect(STATEMENTS.length).toBeGreaterThan(50);
  });

  it("the check sees a statement that goes through a table", () => {
    using database = openEmptyDatabase();
    const [step] = database.connection.prepare("EXPLAIN QUERY PLAN SELECT * FROM audit WHERE at = 1").all();
    expect(text(step?.[3])).toMatch(/^SCAN /);
    expect(integer(step?.[0])).toBeGreaterThanOrEqual(0);
  });

  it("a span of events is cut before it is sorted by what an endpoint wants", () => {
    using database = openEmptyDatabase();
    const steps = database.connection.prepare(`EXPLAIN QUERY PLAN ${REPLAY_SQL.span}`).all();
    const plan = steps.map((step) => text(step[3])).join("\n");
    expect(plan).toContain("SEARCH events USING INDEX events_by_customer");
  });
});
