import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CARRIER, columnsOf, CUSTOMER, fill, FIRST_DUE, NODE } from "../../../test/support/filled-store.ts";
import { type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { CLAIM_SQL } from "./claim-targets.ts";
import { PLANNING, type Statement } from "./connection.ts";
import { OPTED_OUT_SQL } from "./drop-opted-out.ts";
import { MARK_SQL } from "./mark-in-flight.ts";
import { migrate } from "./migrate.ts";
import { OPT_OUT_SQL } from "./opting-out.ts";

const KEYS = 50;
const of = columnsOf(Array.from({ length: KEYS }, (_, n) => n + 1));
const OTHER = "00000000-0000-7000-8000-00000000c001";
/** Of a customer with 20,000 opt-outs: some of one sender, some of one handset; none of those asked for is among them. */
const senders = `'{${Array.from({ length: KEYS }, (_, n) => (n % 2 === 0 ? 1 : 200 + n)).join(",")}}'`;
const handsets = `'{${Array.from({ length: KEYS }, (_, n) => (n % 2 === 0 ? 20_000 + n : 1)).join(",")}}'`;

const STATEMENTS: readonly (readonly [Statement, readonly string[]])[] = [
  [OPT_OUT_SQL.among, [of.zeros, of.customers, senders, handsets]],
  [OPT_OUT_SQL.lasting, [`'${CUSTOMER}'`, "'1'", "'20001'"]],
  [OPT_OUT_SQL.end, [`'${CUSTOMER}'`, "'1'", "'20001'", "1", "''"]],
  [OPTED_OUT_SQL, [of.customers, senders, handsets]],
  [
    CLAIM_SQL.claim,
    [`'${CARRIER}'`, `${FIRST_DUE + KEYS}`, `${KEYS}`, `'${NODE}'`, "gen_random_uuid()", "4000000"],
  ],
  [
    MARK_SQL.mark,
    [
      of.busyCarriers,
      of.messages,
      of.zeros,
      of.nodes,
      of.zeros,
      of.zeros,
      of.ones,
      `'{${CUSTOMER}}'`,
      "'{ffffffff-ffff-7000-8000-000000000000}'",
    ],
  ],
];

/** What a key may cost beside what the statement does with it: the way down an index, and a few rows. */
const PAGES_PER_KEY = 60;

const PERIOD = (sender: string, handset: string, until: string, customer = CUSTOMER) => `
  INSERT INTO opt_outs (customer_id, opt_out_id, sender, sender_key, handset, handset_key, since, until, began_by, ended_by)
  SELECT '${customer}', gen_random_uuid(), '+' || ${sender}, (${sender})::text, '+' || ${handset},
    sha256(convert_to((${handset})::text, 'UTF8')), 1, ${until}, '', ''`;

/** What the table was when the plans were made; they stay until it is analysed. */
const MOMENTS: readonly (readonly [string, readonly string[]])[] = [
  ["it was empty", []],
  ["it was analysed while it was empty", ["ANALYZE opt_outs"]],
  ["one handset had come back", [PERIOD("1", "1", "2")]],
  ["it had been analysed with one that had come back", [PERIOD("1", "1", "2"), "ANALYZE opt_outs"]],
  ["one lasted", [PERIOD("1", "1", "NULL")]],
];

/** Most of them have ended: all those of another customer, who has the queue. */
const FILLING = [
  `${PERIOD("1", "i", "NULL")} FROM generate_series(2, 10000) i`,
  `${PERIOD("i", "1", "NULL")} FROM generate_series(1001, 11000) i`,
  `${PERIOD("i", "1", "2")} FROM generate_series(1, 30000) i`,
  `${PERIOD("i", "1", "2", OTHER)} FROM generate_series(1, 30000) i`,
  ...["messages", "targets", "queue"].map((table) => `UPDATE ${table} SET customer_id = '${OTHER}'`),
];

describe("of opt-outs nothing is read but what is asked for", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await sharedPostgres();
  });
  afterAll(() => server.stop());

  describe.each(MOMENTS)("when plans were made while %s", (_, making) => {
    let client: Client;
    beforeAll(async () => {
      const url = await server.createDatabase();
      await migrate(url, Date.now());
      client = new Client({ connectionString: url });
      await client.connect();
      await client.query(PLANNING);
      await fill(client, KEYS);
      for (const statement of making) await client.query(statement);
      for (const [{ name, text }, values] of STATEMENTS) {
        await client.query(`PREPARE ${name} AS ${text}`);
        await client.query(`EXPLAIN EXECUTE ${name} (${values.join(", ")})`); // makes the plan
      }
      for (const statement of FILLING) await client.query(statement);
    });
    beforeEach(() => client.query("BEGIN"));
    afterEach(() => client.query("ROLLBACK"));
    afterAll(() => client.end());

    it.each(STATEMENTS)("$name", async ({ name }, values) => {
      const { rows } = await client.query<{ "QUERY PLAN": string }>(
        `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) EXECUTE ${name} (${values.join(", ")})`,
      );
      const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
      const [, hit = "0", read = "0"] = /Buffers: shared (?:hit=(\d+))? ?(?:read=(\d+))?/.exec(plan) ?? [];
      const removed = [...plan.matchAll(/Rows Removed by .*: (\d+)/g)].map(([, count]) => Number(count));
      const isFew = Number(hit) + Number(read) < KEYS * PAGES_PER_KEY && Math.max(0, ...removed) < KEYS;
      expect(isFew ? "" : plan).toBe(""); // else the plan is shown
    });
  });
});
