import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PostgresServer, startPostgres } from "../../../test/support/postgres.ts";
import { createClock } from "../../domain/clock.ts";
import { ACCEPT_SQL } from "./accept-messages.ts";
import { CLAIM_DELIVERIES_SQL } from "./claim-deliveries.ts";
import { CLAIM_SQL } from "./claim-targets.ts";
import { PLANNING, type Statement } from "./connection.ts";
import { EVENT_FOLDER_SQL } from "./event-folder.ts";
import { LEASED_TARGETS_SQL } from "./leased-targets.ts";
import { MARK_SQL } from "./mark-in-flight.ts";
import { MESSAGE_ROWS_SQL } from "./message-rows.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { QUEUE_DEPTHS_SQL } from "./queue-depths.ts";
import { QUEUE_ROWS_SQL } from "./queue-rows.ts";
import { READ_MESSAGES_SQL } from "./read-messages.ts";
import { READ_QUEUE_SQL } from "./read-queue.ts";
import { RECEIPT_KEYS_SQL } from "./receipt-keys.ts";
import { RECOVER_SQL } from "./recover-targets.ts";
import { SETTLE_DELIVERIES_SQL } from "./settle-deliveries.ts";
import { TARGET_ROWS_SQL } from "./target-rows.ts";

const HOT: readonly Statement[] = [
  CLAIM_SQL.claim,
  CLAIM_SQL.claimed,
  MARK_SQL.mark,
  TARGET_ROWS_SQL.lock,
  TARGET_ROWS_SQL.write,
  QUEUE_ROWS_SQL.take,
  QUEUE_ROWS_SQL.removeWaiting,
  RECEIPT_KEYS_SQL.find,
  RECEIPT_KEYS_SQL.settle,
  EVENT_FOLDER_SQL.last,
  EVENT_FOLDER_SQL.write,
  CLAIM_DELIVERIES_SQL.claim,
  CLAIM_DELIVERIES_SQL.close,
  SETTLE_DELIVERIES_SQL.remove,
  SETTLE_DELIVERIES_SQL.retry,
  SETTLE_DELIVERIES_SQL.release,
  RECOVER_SQL,
  READ_MESSAGES_SQL.newest,
  READ_MESSAGES_SQL.before,
  MESSAGE_ROWS_SQL.heads,
  MESSAGE_ROWS_SQL.targets,
  LEASED_TARGETS_SQL,
  QUEUE_DEPTHS_SQL.counted,
  QUEUE_DEPTHS_SQL.sampled,
  READ_QUEUE_SQL.nextDue,
  READ_QUEUE_SQL.nextDelivery,
  ACCEPT_SQL,
];

describe("the plans of hot statements", () => {
  let server: PostgresServer;
  let client: Client;
  beforeAll(async () => {
    server = await startPostgres();
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

  it.each(HOT)("$name scans no table", async ({ name, text }) => {
    await client.query(`PREPARE ${name} AS ${text}`);
    const parameters = await client.query<{ count: number }>(
      "SELECT coalesce(array_length(parameter_types, 1), 0) AS count FROM pg_prepared_statements WHERE name = $1",
      [name],
    );
    const nulls = Array.from({ length: parameters.rows[0]?.count ?? 0 }, () => "NULL");
    const call = nulls.length === 0 ? name : `${name} (${nulls.join(", ")})`;
    const plan = await client.query<{ "QUERY PLAN": string }>(`EXPLAIN EXECUTE ${call}`);
    const lines = plan.rows.map((row) => row["QUERY PLAN"]);
    expect(lines.filter((line) => /Seq Scan|Bitmap/.test(line))).toEqual([]);
    expect(lines.length).toBeGreaterThan(1);
  });
});
