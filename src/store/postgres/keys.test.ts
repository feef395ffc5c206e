import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { everyStatement, writtenNames } from "../../../test/support/every-statement.ts";
import { type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { ARCHIVE_TABLES } from "./archive-partitions.ts";
import { PLANNING, type Statement } from "./connection.ts";
import { migrate } from "./migrate.ts";

/** What the key of every other table begins with; a new table has to find its place here. */
const KEYS: Readonly<Record<string, string>> = {
  queue: "carrier_id",
  leased: "carrier_id",
  receipt_keys: "carrier_id",
  settled_receipt_keys: "carrier_id",
  parked_receipts: "carrier_id",
  gatherings: "carrier_id",
  gathered_parts: "carrier_id",
  transport_ids: "carrier_id",
  bind_leases: "carrier_id",
  deliveries: "endpoint_id",
  idempotency: "customer_id",
  opt_outs: "customer_id",
  access_keys: "customer_id",
  retention_marks: "customer_id",
  retention_waiting: "customer_id",
  // One row for each record of the service.
  customers: "customer_id",
  endpoints: "endpoint_id",
  carriers: "carrier_id",
  numbers: "number_id",
  audit: "audit_id",
  erasures: "digits",
  nodes: "node",
  sweeps: "name",
  settings: "name",
  probe: "one",
};

/** Tables that are asked by carrier or endpoint. */
const WORKING_SET: ReadonlySet<string> = new Set([
  "queue",
  "leased",
  "deliveries",
  "receipt_keys",
  "parked_receipts",
  "gatherings",
  "gathered_parts",
  "transport_ids",
]);

/**
 * Statements that go by time or from place to place, and why they may: each has its own index and a limit, or reads a table
 * that is as small as the memory of the dispatchers.
 */
const BY_TIME: Readonly<Record<string, string>> = {
  expire_queued: "the overdue, by the index of expiry",
  expire_leased: "leased is as small as the dispatchers' memory",
  expire_receipts: "the overdue, by the index of due times",
  gatherings_waiting: "those whose wait is over, by their age",
  gatherings_complete: "complete ones that a crash left behind, by their index",
  gatherings_forget: "the old ones, by their age",
  transport_forget: "the old ones, by their age",
  parked_old: "the old ones, by their age",
  parked_overlooked: "a slice of the parked receipts, each of which is looked up by its key",
  queue_depths: "the keys of the queue, counted for the metrics",
  due_endpoints: "from endpoint to endpoint along the index",
  retention_month_open: "from place to place along the keys; once before a month is dropped",
  retention_month_replayed: "from place to place along the keys; once before a month is dropped",
};

/** What forgets old rows of tables that are not distributed, and steps over what another node is forgetting. */
const BY_AGE = ["expire_idempotency", "gatherings_forget", "parked_old", "transport_forget"];

/** Statements on the archive that name no message and no event. */
const WITHOUT_MESSAGE: Readonly<Record<string, string>> = {
  list_newest: "the end of the customer's range",
  "": "whose messages a partition has that is to be dropped, along its key",
};

describe("keys", () => {
  let server: PostgresServer;
  let client: Client;
  let statements: readonly Statement[];
  beforeAll(async () => {
    server = await sharedPostgres();
    const url = await server.createDatabase();
    await migrate(url, Date.now());
    client = new Client({ connectionString: url });
    await client.connect();
    // A session of the store (connection.ts), save that no partition is left out of a plan.
    await client.query(`${PLANNING}; SET enable_partition_pruning = off`);
    statements = await everyStatement();
  });
  afterAll(async () => {
    await client.end();
    await server.stop();
  });

  /** The columns of every index, the primary keys first. */
  async function indexes(): Promise<readonly { table: string; isPrimary: boolean; columns: string[] }[]> {
    const found = await client.query<{ table: string; primary: boolean; columns: string[] }>(`
      SELECT t.relname AS table, i.indisprimary AS primary, ARRAY(
        SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
          JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum ORDER BY k.place) AS columns
      FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
      WHERE t.relnamespace = 'public'::regnamespace AND NOT t.relispartition ORDER BY i.indisprimary DESC`);
    return found.rows.map(({ table, primary, columns }) => ({ table, isPrimary: primary, columns }));
  }

  it("of the archive begin with the customer, those that are primary with customer and message", async () => {
    const all = await indexes();
    for (const table of ARCHIVE_TABLES) {
      const ofTable = all.filter((index) => index.table === table);
      expect(ofTable.length).toBeGreaterThan(0);
      for (const { isPrimary, columns } of ofTable) {
        const begin = isPrimary ? ["customer_id", "message_id"] : ["customer_id"];
        expect(columns.slice(0, begin.length)).toEqual(begin);
      }
      const { rows } = await client.query("SELECT pg_get_partkeydef($1::regclass) AS key", [table]);
      expect(rows).toEqual([{ key: "RANGE (message_id)" }]);
    }
  });

  it("of all other tables are those that are stated, and no table is missing", async () => {
    const all = await indexes();
    const primaries = all.filter(({ table, isPrimary }) => isPrimary && !isArchive(table));
    const begin = Object.fromEntries(primaries.map(({ table, columns }) => [table, columns[0]]));
    expect(begin).toEqual(KEYS);
    const tables = await client.query<{ name: string }>(`
      SELECT relname AS name FROM pg_class
      WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND NOT relispartition`);
    const known = [...ARCHIVE_TABLES, ...Object.keys(KEYS), "msgbin_schema"];
    expect(tables.rows.map(({ name }) => name).toSorted()).toEqual(known.toSorted());
  });

  it("are asked by every statement of the engine", async () => {
    const names = new Set(statements.map(({ name }) => name));
    const isGathered = (name: string) => [...names].some((one) => one.startsWith(name));
    expect(writtenNames().filter((name) => !isGathered(name))).toEqual([]);
    expect(statements.length).toBeGreaterThan(150);
    const faults: string[] = [];
    let archive = 0;
    let working = 0;
    for (const statement of statements) {
      const scans = await scansOf(statement);
      archive += scans.filter(({ table }) => isArchive(table)).length;
      working += scans.filter(({ table }) => WORKING_SET.has(table)).length;
      faults.push(...faultsOf(statement, scans));
    }
    expect(faults).toEqual([]);
    expect(archive).toBeGreaterThan(100);
    expect(working).toBeGreaterThan(40);
  });

  it.each([
    ["SELECT text FROM messages WHERE message_id = $1", "reads messages without its customer"],
    ["DELETE FROM events WHERE customer_id = $1", "reads events without a message or an event"],
    [
      "SELECT t.n FROM unnest($2::uuid[]) AS u (m) JOIN targets t ON t.customer_id = $1 AND t.message_id = u.m",
      "reads targets without a message or an event", // planned as a walk through all that the customer has
    ],
    [
      "SELECT 1 FROM queue WHERE message_id = $1 FOR UPDATE SKIP LOCKED",
      "reads queue without its carrier_id",
    ],
    ["UPDATE deliveries SET due_at = 0 WHERE message_id = $1", "reads deliveries without its endpoint_id"],
  ])("would be missed by %s", async (text, fault) => {
    const planted = { name: "planted", text };
    const faults = faultsOf(planted, await scansOf(planted));
    expect([...new Set(faults)]).toEqual([`planted ${fault}`]);
  });

  it("are named by whoever steps over what others hold: on Citus that works on one shard only", async () => {
    const stepping = statements.filter(({ text }) => text.includes("SKIP LOCKED"));
    const claims = stepping.filter(({ name }) => !BY_AGE.includes(name));
    expect(claims.map(({ name }) => name).toSorted()).toEqual([
      "claim",
      "claim_reroutable",
      "deliveries_claim",
      "deliveries_drop",
    ]);
    expect(stepping).toHaveLength(claims.length + BY_AGE.length);
    for (const { text } of claims) {
      const looks = text
        .split("SKIP LOCKED")
        .slice(0, -1)
        .filter((look) => look.includes("FROM queue") || look.includes("FROM deliveries"));
      expect(looks.length).toBeGreaterThan(0);
      for (const look of looks)
        expect(
          look.slice(Math.max(look.lastIndexOf("FROM queue"), look.lastIndexOf("FROM deliveries"))),
        ).toMatch(/(carrier_id|endpoint_id) = \$1/);
    }
  });

  it("that are exceptions are of statements that there are", () => {
    const names = new Set(statements.map(({ name }) => name));
    for (const name of [...Object.keys(BY_TIME), ...Object.keys(WITHOUT_MESSAGE)])
      expect(names.has(name)).toBe(true);
  });

  interface Scan {
    readonly table: string;
    /** Empty when all of the index or table is read. */
    readonly condition: string;
  }

  /** Which tables and partitions a statement reads, and by what. */
  async function scansOf({ text }: Statement): Promise<readonly Scan[]> {
    if (text.startsWith("LOCK TABLE")) return []; // reads nothing, and is no statement with a plan
    await client.query("DEALLOCATE ALL");
    try {
      await client.query(`PREPARE asked AS ${text}`);
    } catch (error) {
      if (isNoColumn(error)) return []; // made for a table that it is never asked of
      throw new Error(`cannot be prepared: ${text}`, { cause: error });
    }
    const parameters = await client.query<{ count: number }>(
      "SELECT coalesce(array_length(parameter_types, 1), 0) AS count FROM pg_prepared_statements",
    );
    const nulls = Array.from({ length: parameters.rows[0]?.count ?? 0 }, () => "NULL");
    const call = nulls.length === 0 ? "asked" : `asked (${nulls.join(", ")})`;
    const plan = await client.query<{ "QUERY PLAN": string }>(`EXPLAIN (COSTS OFF) EXECUTE ${call}`);
    const lines = plan.rows.map((row) => row["QUERY PLAN"]);
    return lines.flatMap((line, at) => {
      const [, kind, name] =
        /-> +(?:Parallel )?(Seq Scan|Index(?: Only)? Scan(?: Backward)?|Bitmap Index Scan)(?: using \w+)? on (\w+)/.exec(
          `-> ${line}`,
        ) ?? [];
      if (kind === undefined || name === undefined) return [];
      const next = lines[at + 1] ?? "";
      return [{ table: tableOf(name), condition: next.includes("Index Cond") ? next.trim() : "" }];
    });
  }
});

function faultsOf({ name }: Statement, scans: readonly { table: string; condition: string }[]): string[] {
  return scans.flatMap(({ table, condition }) => {
    if (isArchive(table)) {
      if (name === "") return [];
      if (!condition.includes("customer_id")) return [`${name} reads ${table} without its customer`];
      const isNamed = /message_id|event_id/.test(condition) || name in WITHOUT_MESSAGE;
      return isNamed ? [] : [`${name} reads ${table} without a message or an event`];
    }
    if (!WORKING_SET.has(table) || name in BY_TIME) return [];
    const column = KEYS[table] ?? "";
    return condition.includes(column) ? [] : [`${name} reads ${table} without its ${column}`];
  });
}

function isArchive(table: string): boolean {
  return ARCHIVE_TABLES.some((name) => name === table);
}

/** The table that a partition or an index in a plan belongs to. */
function tableOf(name: string): string {
  const all = [...ARCHIVE_TABLES, ...Object.keys(KEYS)].toSorted((a, b) => b.length - a.length);
  return all.find((table) => name === table || name.startsWith(`${table}_`)) ?? name;
}

function isNoColumn(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "42703";
}
