import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CUSTOMER, ENDPOINT } from "../../../test/support/filled-store.ts";
import { type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { PLANNING, type Statement } from "./connection.ts";
import { GATHERING_SQL } from "./gathering.ts";
import { migrate } from "./migrate.ts";
import { PARKED_SQL } from "./parked-receipts.ts";
import { WRITE_DIRECTORY_SQL } from "./write-directory.ts";

const CARRIER = "00000000-0000-7000-8000-00000000ca00";
const ROWS = 120;

/** What adds a row to a table that has a limit, with everything but the limit. */
const ADDITIONS: readonly (readonly [string, Statement, (n: number) => string])[] = [
  ["gathered_parts", GATHERING_SQL.insertPart, (n) => `'${CARRIER}', '+${n}', '+2', 1, 2, 1, 'x'`],
  [
    "parked_receipts",
    PARKED_SQL.insert,
    (n) =>
      `'{${CARRIER}}', '{k}', '{01900000-0000-7000-8000-${String(n).padStart(12, "0")}}', '{1}', '{t}', '{x}'`,
  ],
];

describe("limits of the working set", () => {
  let server: PostgresServer;
  let client: Client;
  beforeAll(async () => {
    server = await sharedPostgres();
    const url = await server.createDatabase();
    await migrate(url, Date.now());
    client = new Client({ connectionString: url });
    await client.connect();
    await client.query(PLANNING);
  });
  afterAll(async () => {
    await client.end();
    await server.stop();
  });

  it.each(ADDITIONS)(
    "of %s refuses a row beyond it, and goes through no rows to know",
    async (table, statement, valuesOf) => {
      const { name, text } = statement;
      await client.query(`PREPARE ${name} AS ${text}`);
      const add = async (n: number, limit: number) =>
        (await client.query(`EXECUTE ${name} (${valuesOf(n)}, ${limit})`)).rowCount;
      for (let n = 1; n <= ROWS; n++) expect(await add(n, ROWS + 1)).toBe(1);
      const count = async () => {
        const { rows } = await client.query(
          `SELECT pg_stat_get_live_tuples('${table}'::regclass)::integer AS count`,
        );
        return (rows as readonly { count: number }[])[0]?.count;
      };
      await expect.poll(count, { timeout: 50_000 }).toBe(ROWS); // they are some seconds late
      expect(await add(ROWS + 1, ROWS)).toBe(0);
      expect(await add(ROWS + 1, ROWS + 1)).toBe(1);
      const { rows } = await client.query<{ "QUERY PLAN": string }>(
        `EXPLAIN EXECUTE ${name} (${valuesOf(1)}, 1)`,
      );
      expect(rows.filter((row) => / on (gathered|parked)_\w+ \w/.test(row["QUERY PLAN"]))).toEqual([]);
      expect(rows.filter((row) => row["QUERY PLAN"].includes("Index"))).toEqual([]);
    },
  );

  it("deliveries of an endpoint that is removed go slice by slice, each of its rows looked at once", async () => {
    const { name, text } = WRITE_DIRECTORY_SQL.removeDeliveries;
    await client.query(`PREPARE ${name} AS ${text}`);
    await client.query(`EXPLAIN EXECUTE ${name} ('${ENDPOINT}')`); // the plan is made while the table is empty
    const columns = "endpoint_id, message_id, event_id, customer_id, attempts, due_at, blocked";
    await client.query(`
      INSERT INTO deliveries (${columns})
      SELECT '${ENDPOINT}', gen_random_uuid(), gen_random_uuid(), '${CUSTOMER}', 0, i, false FROM generate_series(1, 7000) i`);
    const { rows } = await client.query<{ "QUERY PLAN": string }>(
      `EXPLAIN (ANALYZE, TIMING OFF) EXECUTE ${name} ('${ENDPOINT}')`,
    );
    expect(rows.filter((row) => row["QUERY PLAN"].includes("Rows Removed"))).toEqual([]);
    expect((await client.query(`EXECUTE ${name} ('${ENDPOINT}')`)).rowCount).toBe(2_000);
  });
});
