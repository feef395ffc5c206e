import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { ARCHIVE_TABLES } from "./archive-partitions.ts";
import { Database } from "./connection.ts";
import { DatabaseRefused } from "./database-refused.ts";
import { Housekeeping } from "./keep-house.ts";
import { migrate, SCHEMA_VERSION } from "./migrate.ts";
import { BUCKET_MICROS, bucketOf } from "./receipt-keys.ts";

const NOW_MS = Date.UTC(2026, 10, 23);
const DAY_MS = 86_400_000;

describe("the schema", () => {
  let server: PostgresServer;
  let url: string;
  let client: Client;
  let database: Database;
  beforeAll(async () => {
    server = await sharedPostgres();
    url = await server.createDatabase();
    await Promise.all([migrate(url, NOW_MS), migrate(url, NOW_MS), migrate(url, NOW_MS)]);
    client = new Client({ connectionString: url });
    await client.connect();
    database = new Database({ url, writers: 1, readers: 1, onIdleError: () => undefined });
  });
  afterAll(async () => {
    await database.close();
    await client.end();
    await server.stop();
  });

  const partitionsOf = async (table: string) => {
    const found = await client.query<{ name: string }>(
      "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass ORDER BY 1",
      [table],
    );
    return found.rows.map(({ name }) => name);
  };

  it("is made once by three processes that start at once, with partitions ahead", async () => {
    for (const table of ARCHIVE_TABLES) {
      const months = ["2026_11", "2026_12", "2027_01", "default"].map((month) => `${table}_${month}`);
      expect(await partitionsOf(table)).toEqual(months);
    }
  });

  it("gets the partitions of later months, and empties the bucket that is filled next", async () => {
    const now = (NOW_MS + 40 * DAY_MS) * 1_000;
    const insert = (bucket: number) =>
      client.query(
        "INSERT INTO settled_receipt_keys VALUES ($1, gen_random_uuid(), 'k', gen_random_uuid(), 0, 0, gen_random_uuid(), 0)",
        [bucket],
      );
    for (const bucket of [0, 1, 2, 3]) await insert(bucket);
    await new Housekeeping(database).keep(now);
    const left = await client.query<{ bucket: number }>("SELECT bucket FROM settled_receipt_keys ORDER BY 1");
    const next = bucketOf(now + BUCKET_MICROS);
    expect(left.rows.map(({ bucket }) => bucket)).toEqual([0, 1, 2, 3].filter((bucket) => bucket !== next));
    expect(await partitionsOf("messages")).toContain("messages_2027_03");
  });

  it("is refused when a newer version made it that this one cannot work with", async () => {
    await client.query("UPDATE msgbin_schema SET version = $1, works_from = $1", [SCHEMA_VERSION + 1]);
    await expect(migrate(url, NOW_MS)).rejects.toThrow(DatabaseRefused);
    await client.query("UPDATE msgbin_schema SET works_from = $1", [SCHEMA_VERSION]);
    await migrate(url, NOW_MS); // the newer one lets this version run beside it
  });

  it("is refused when the database is another program's, or is not there", async () => {
    const foreign = await server.createDatabase();
    const other = new Client({ connectionString: foreign });
    await other.connect();
    await other.query("CREATE TABLE messages (id integer)");
    await other.end();
    await expect(migrate(foreign, NOW_MS)).rejects.toThrow(/belongs to another program/);
    await expect(migrate(`${url}_missing`, NOW_MS)).rejects.toThrow(/cannot reach the database/);
  });
});
