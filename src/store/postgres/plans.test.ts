import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { createClock } from "../../domain/clock.ts";
import { ACCEPT_SQL } from "./accept-messages.ts";
import { CLAIM_DELIVERIES_SQL } from "./claim-deliveries.ts";
import { CLAIM_REROUTABLE_SQL } from "./claim-reroutable.ts";
import { CLAIM_SQL } from "./claim-targets.ts";
import { firstIdAt } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import { PLANNING, type Statement } from "./connection.ts";
import { OPTED_OUT_SQL } from "./drop-opted-out.ts";
import { EVENT_FOLDER_SQL } from "./event-folder.ts";
import { LEASED_TARGETS_SQL } from "./leased-targets.ts";
import { LEFTOVER_CARRIERS_SQL } from "./leftover-carriers.ts";
import { MARK_SQL } from "./mark-in-flight.ts";
import { MESSAGE_ROWS_SQL } from "./message-rows.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { QUEUE_DEPTHS_SQL } from "./queue-depths.ts";
import { QUEUE_ROWS_SQL } from "./queue-rows.ts";
import { READ_MESSAGES_SQL } from "./read-messages.ts";
import { READ_QUEUE_SQL } from "./read-queue.ts";
import { REMOVE_OLD_SQL } from "./remove-old.ts";
import { SWEEP_RETENTION_SQL } from "./sweep-retention.ts";
import { ARCHIVE_TABLES } from "./archive-partitions.ts";
import { DROP_MONTHS_SQL } from "./drop-months.ts";
import { RECEIPT_KEYS_SQL } from "./receipt-keys.ts";
import { RECOVER_SQL } from "./recover-targets.ts";
import { SETTLE_DELIVERIES_SQL } from "./settle-deliveries.ts";
import { TARGET_ROWS_SQL } from "./target-rows.ts";

const HOT: readonly Statement[] = [
  CLAIM_SQL.claim,
  CLAIM_SQL.claimed,
  CLAIM_REROUTABLE_SQL.look,
  CLAIM_REROUTABLE_SQL.claim,
  MARK_SQL.mark,
  MARK_SQL.marked,
  MARK_SQL.addresses,
  OPTED_OUT_SQL,
  TARGET_ROWS_SQL.lock,
  TARGET_ROWS_SQL.write,
  QUEUE_ROWS_SQL.take,
  QUEUE_ROWS_SQL.end,
  QUEUE_ROWS_SQL.removeWaiting,
  QUEUE_ROWS_SQL.endHold,
  RECEIPT_KEYS_SQL.find,
  RECEIPT_KEYS_SQL.settle,
  EVENT_FOLDER_SQL.last,
  EVENT_FOLDER_SQL.write,
  CLAIM_DELIVERIES_SQL.claim,
  CLAIM_DELIVERIES_SQL.close,
  CLAIM_DELIVERIES_SQL.bodies,
  CLAIM_DELIVERIES_SQL.unclaim,
  CLAIM_DELIVERIES_SQL.drop,
  SETTLE_DELIVERIES_SQL.remove,
  SETTLE_DELIVERIES_SQL.retry,
  SETTLE_DELIVERIES_SQL.release,
  RECOVER_SQL,
  READ_MESSAGES_SQL.newest,
  READ_MESSAGES_SQL.before,
  MESSAGE_ROWS_SQL.heads,
  MESSAGE_ROWS_SQL.targets,
  MESSAGE_ROWS_SQL.firstTargets,
  LEASED_TARGETS_SQL,
  LEFTOVER_CARRIERS_SQL,
  QUEUE_DEPTHS_SQL.counted,
  QUEUE_DEPTHS_SQL.sampled,
  READ_QUEUE_SQL.nextDue,
  READ_QUEUE_SQL.nextDelivery,
  ACCEPT_SQL,
];

/** What is done now and then, beside others who must not wait for it. */
const SWEEPS_BY_KEY: readonly Statement[] = [
  REMOVE_OLD_SQL.open,
  REMOVE_OLD_SQL.untold,
  ...[...ARCHIVE_TABLES, "retention_waiting"].map((table) => REMOVE_OLD_SQL.remove(table)),
  ...["messages", "deleted_messages"].map((table) => REMOVE_OLD_SQL.empty(table)),
  SWEEP_RETENTION_SQL.customers,
  SWEEP_RETENTION_SQL.mark,
  SWEEP_RETENTION_SQL.waiting,
  SWEEP_RETENTION_SQL.stopWaiting,
];
const SWEEPS: readonly Statement[] = [
  ...SWEEPS_BY_KEY,
  REMOVE_OLD_SQL.slice,
  SWEEP_RETENTION_SQL.lease,
  SWEEP_RETENTION_SQL.setMark,
  SWEEP_RETENTION_SQL.wait,
  DROP_MONTHS_SQL.isReplayed,
];

describe("the plans of hot statements", () => {
  let server: PostgresServer;
  let client: Client;
  beforeAll(async () => {
    server = await sharedPostgres();
    const url = await server.createDatabase();
    const quiet = {
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      metrics: { count() {}, gauge() {}, observe() {} },
    };
    const clock = createClock(() => Date.now());
    const store = await openPostgresStore({ url, directUrl: url, clock, ...quiet });
    await store.close();
    client = new Client({ connectionString: url });
    await client.connect();
    // As a session of the store has it (connection.ts): a scan is planned where there is no index, and nowhere else.
    await client.query(PLANNING);
  });
  afterAll(async () => {
    await client.end();
    await server.stop();
  });

  it.each([...HOT, ...SWEEPS])("$name scans no table", async ({ name, text }) => {
    const lines = await explain(name, text);
    expect(lines.filter((line) => /Seq Scan|Bitmap/.test(line))).toEqual([]);
    expect(lines.length).toBeGreaterThan(1);
  });

  it("targets of the first messages are not sorted, so that the limit ends their search", async () => {
    const { name, text } = MESSAGE_ROWS_SQL.firstTargets;
    const [limit, ...lines] = await explain(name, text);
    expect(limit).toMatch(/^Limit/);
    expect(lines.filter((line) => /^ *(-> +)?(Incremental )?Sort +\(/.test(line))).toEqual([]);
  });

  it.each(SWEEPS_BY_KEY)("$name reads nothing but what its keys lead to", async ({ name, text }) => {
    const lines = await explain(name, text);
    const scans = lines.flatMap((line, at) =>
      /Scan using|Index Scan on/.test(line) ? [{ line, next: lines[at + 1] }] : [],
    );
    expect(scans.length).toBeGreaterThan(0);
    expect(scans.filter(({ line, next }) => !leadsByKey(line, next ?? ""))).toEqual([]);
    expect(lines.filter((line) => line.includes("hashed"))).toEqual([]);
  });

  it.each(["slice", "open", "remove", "empty"] as const)(
    "a sweep's %s goes to the partitions of its ids alone",
    async (kind) => {
      const { slice, open, remove, empty } = REMOVE_OLD_SQL;
      const { name, text } = { slice, open, remove: remove("targets"), empty: empty("messages") }[kind];
      const at = Date.now() * 1_000;
      const [from, until] = [firstIdAt(micros(at)), firstIdAt(micros(at + 1))];
      const customer = "01900000-0000-7000-8000-000000000001";
      const named = `'{${customer}}', '{${from}}'`;
      const values = {
        slice: `'${customer}', '${from}', '${until}', 10`,
        open: `${named}, 0`,
        remove: named,
        empty: named,
      };
      await client.query("DEALLOCATE ALL");
      await client.query(`PREPARE ${name} AS ${text}`);
      const plan = await client.query<{ "QUERY PLAN": string }>(
        `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE ${name} (${values[kind]})`,
      );
      const lines = plan.rows.map((row) => row["QUERY PLAN"]);
      const table = kind === "slice" || kind === "empty" ? "messages" : "targets";
      const scans = lines.filter((line) => new RegExp(`Scan .* on ${table}_\\w+ .*actual`).test(line));
      expect(scans).toHaveLength(1);
    },
  );

  async function explain(name: string, text: string): Promise<string[]> {
    await client.query("DEALLOCATE ALL");
    await client.query(`PREPARE ${name} AS ${text}`);
    const parameters = await client.query<{ count: number }>(
      "SELECT coalesce(array_length(parameter_types, 1), 0) AS count FROM pg_prepared_statements WHERE name = $1",
      [name],
    );
    const nulls = Array.from({ length: parameters.rows[0]?.count ?? 0 }, () => "NULL");
    const call = nulls.length === 0 ? name : `${name} (${nulls.join(", ")})`;
    const plan = await client.query<{ "QUERY PLAN": string }>(`EXPLAIN EXECUTE ${call}`);
    return plan.rows.map((row) => row["QUERY PLAN"]);
  }
});

/** Of the archive nothing is read but by customer and message or event. */
function leadsByKey(line: string, next: string): boolean {
  if (!next.includes("Index Cond")) return false;
  const isArchive = ARCHIVE_TABLES.some(
    (table) => line.includes(` on ${table}_`) || line.includes(` using ${table}_`),
  );
  return !isArchive || /customer_id.*(message_id|event_id)/.test(next);
}
