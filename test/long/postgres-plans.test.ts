import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/app/system-clock.ts";
import { CLAIM_DELIVERIES_SQL } from "../../src/store/postgres/claim-deliveries.ts";
import { CLAIM_SQL } from "../../src/store/postgres/claim-targets.ts";
import { PLANNING } from "../../src/store/postgres/connection.ts";
import { EVENT_FOLDER_SQL } from "../../src/store/postgres/event-folder.ts";
import { EXPIRE_SQL } from "../../src/store/postgres/expire.ts";
import { HELD_SQL } from "../../src/store/postgres/held-targets.ts";
import { MARK_SQL } from "../../src/store/postgres/mark-in-flight.ts";
import { MESSAGE_ROWS_SQL } from "../../src/store/postgres/message-rows.ts";
import { openPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { QUEUE_ROWS_SQL } from "../../src/store/postgres/queue-rows.ts";
import { READ_MESSAGES_SQL } from "../../src/store/postgres/read-messages.ts";
import { READ_QUEUE_SQL } from "../../src/store/postgres/read-queue.ts";
import { RECEIPT_KEYS_SQL } from "../../src/store/postgres/receipt-keys.ts";
import { SETTLE_DELIVERIES_SQL } from "../../src/store/postgres/settle-deliveries.ts";
import { TARGET_ROWS_SQL } from "../../src/store/postgres/target-rows.ts";
import {
  analyseWhileEmpty,
  CARRIER,
  columnsOf,
  CUSTOMER,
  ENDPOINT,
  fill,
  idOf,
  NEVER,
  NODE,
} from "../support/filled-store.ts";
import { visitsOf } from "../support/plan-visits.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { quietLogger, quietMetrics } from "../support/store-of.ts";

const ROWS = Number(process.env["MSGBIN_TEST_PLAN_ROWS"] ?? 1_000_000);
/** A third of that shows what wrong statistics lead to, if they lead to it. */
const ROWS_AFTER_EMPTY = ROWS * 0.3;
const KEYS = 100;
/** For each key of a call: a few rows in a few tables, each two or three pages from the index's root. */
const ROWS_PER_KEY = 20;
const PAGES_PER_KEY = 60;

/** A page of messages, a claim, a pile to settle: keys from all over the tables. */
const some = Array.from({ length: KEYS }, (_, n) => 1 + Math.floor((n * (ROWS_AFTER_EMPTY - 2)) / KEYS));
const of = columnsOf(some);
const middle = idOf(ROWS_AFTER_EMPTY / 2);

/** Ids before and after all others. */
const FIRST = "00000000-0000-0000-0000-000000000000";
const LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff";

const marks = [of.busyCarriers, of.messages, of.zeros, of.nodes, of.zeros, of.zeros, of.ones];

const HOT: readonly (readonly [{ readonly name: string; readonly text: string }, readonly string[]])[] = [
  [CLAIM_SQL.claim, [`'${CARRIER}'`, `${NEVER}`, `${KEYS}`, `'${NODE}'`, `gen_random_uuid()`, "4000000"]],
  [MARK_SQL.mark, [...marks, of.customers, of.messages]],
  [MARK_SQL.marked, [...marks, of.customers, of.messages]],
  [MARK_SQL.addresses, [of.customers, of.messages, of.zeros]],
  [TARGET_ROWS_SQL.lock, [of.customers, of.messages, of.zeros]],
  [
    TARGET_ROWS_SQL.write,
    [
      of.customers,
      of.messages,
      of.zeros,
      of.blanks,
      of.ones,
      of.ones,
      of.blanks,
      of.carriers,
      of.blanks,
      of.zeros,
    ],
  ],
  [QUEUE_ROWS_SQL.take, [of.busyCarriers, of.messages, of.zeros, of.nodes]],
  [QUEUE_ROWS_SQL.end, [of.busyCarriers, of.messages, of.zeros, of.nodes, of.zeros]],
  [QUEUE_ROWS_SQL.takeAny, [of.busyCarriers, of.messages, of.zeros]],
  [QUEUE_ROWS_SQL.takeUnmarked, [of.busyCarriers, of.messages, of.zeros]],
  [QUEUE_ROWS_SQL.removeWaiting, [of.carriers, of.messages, of.zeros]],
  [QUEUE_ROWS_SQL.endHold, [of.carriers, of.messages, of.zeros, of.zeros]],
  [QUEUE_ROWS_SQL.removeHeld, [of.carriers, of.messages, of.zeros]],
  [HELD_SQL.page, [`'${CARRIER}'`, `'${middle}'`, "0", `'${CARRIER}'`, `${KEYS}`]],
  [HELD_SQL.page, [`'${FIRST}'`, `'${FIRST}'`, "0", `'${LAST}'`, `${KEYS}`]],
  [HELD_SQL.targets, [of.customers, of.messages, of.zeros]],
  [RECEIPT_KEYS_SQL.find, [of.carriers, of.keys]],
  [RECEIPT_KEYS_SQL.find, [of.carriers, of.oldKeys]],
  [
    RECEIPT_KEYS_SQL.settle,
    [of.carriers, of.keys, of.messages, of.zeros, of.zeros, of.customers, of.zeros, of.zeros],
  ],
  [EVENT_FOLDER_SQL.last, [of.customers, of.messages]],
  [
    EVENT_FOLDER_SQL.write,
    [of.customers, of.messages, of.events, of.ones, of.truths, of.blanks, of.zeros, of.zeros, of.zeros],
  ],
  [CLAIM_DELIVERIES_SQL.claim, [`'${ENDPOINT}'`, `${NEVER}`, `${NEVER}`, `${KEYS}`]],
  [CLAIM_DELIVERIES_SQL.close, [of.customers, of.messages, of.events]],
  [CLAIM_DELIVERIES_SQL.unclaim, [`'${ENDPOINT}'`, of.messages, of.events, "0"]],
  [SETTLE_DELIVERIES_SQL.remove, [of.endpoints, of.messages, of.events]],
  [SETTLE_DELIVERIES_SQL.retry, [of.endpoints, of.messages, of.events, of.zeros, of.ones, of.blanks]],
  [SETTLE_DELIVERIES_SQL.release, [of.endpoints, of.messages]],
  [MESSAGE_ROWS_SQL.heads, [of.customers, of.messages]],
  [MESSAGE_ROWS_SQL.targets, [of.customers, of.messages]],
  [READ_MESSAGES_SQL.newest, [`'${CUSTOMER}'`, `${KEYS}`]],
  [READ_MESSAGES_SQL.before, [`'${CUSTOMER}'`, `${KEYS}`, `'${middle}'`]],
  [READ_MESSAGES_SQL.trails, [`'${CUSTOMER}'`, `'${middle}'`]],
  [READ_QUEUE_SQL.nextDue, [`'${CARRIER}'`]],
  [READ_QUEUE_SQL.nextDelivery, [`'${ENDPOINT}'`]],
  [READ_QUEUE_SQL.dueEndpoints, [`${NEVER}`, `${KEYS}`]],
  [EXPIRE_SQL.queued, ["0", `${KEYS}`]],
  [EXPIRE_SQL.receipts, ["0", `${KEYS}`]],
];

const NAMED = HOT.map(([{ name, text }, values]) => [name, text, values] as const);

/** As a claim might be written: joined by the key, with the endpoint named twice. */
const TEMPTING = `
  WITH picked AS (
    SELECT message_id, event_id FROM deliveries
    WHERE endpoint_id = $1 AND NOT blocked AND due_at <= $2 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
  UPDATE deliveries d SET due_at = $2 FROM picked p
  WHERE d.endpoint_id = $1 AND d.message_id = p.message_id AND d.event_id = p.event_id`;

describe(`the plans of hot statements over ${ROWS} rows`, () => {
  let server: PostgresServer;
  let client: Client;
  beforeAll(async () => {
    server = await startPostgres(["shared_buffers=512MB", "max_wal_size=4GB"]);
  });
  afterAll(() => server.stop());

  /** A database with the schema, and a session as the store has it; a server without autovacuum, so that nothing else analyses. */
  async function open(): Promise<void> {
    const url = await server.createDatabase();
    const [clock, logger, metrics] = [createSystemClock(), quietLogger, quietMetrics];
    await (await openPostgresStore({ url, directUrl: url, clock, logger, metrics })).close();
    client = new Client({ connectionString: url });
    await client.connect();
    await client.query(PLANNING);
  }

  function expectFewVisits(): void {
    it.each(NAMED)("%s", async (_name, text, values) => {
      const visits = await visitsOf(client, text, values);
      const isFew = visits.rows < KEYS * ROWS_PER_KEY && visits.pages < KEYS * PAGES_PER_KEY;
      expect(isFew ? [] : visits).toEqual([]); // else the plan is shown
    });
  }

  describe("which were never analysed", () => {
    beforeAll(async () => {
      await open();
      await fill(client, ROWS);
    }, 300_000);
    expectFewVisits();
  });

  describe("which were analysed", () => {
    beforeAll(async () => {
      await client.query("ANALYZE");
    }, 300_000);
    afterAll(() => client.end());
    expectFewVisits();
  });

  describe("which were analysed while the queues were empty", () => {
    beforeAll(async () => {
      await open();
      await analyseWhileEmpty(client, ROWS_AFTER_EMPTY / 3);
      await fill(client, ROWS_AFTER_EMPTY);
    }, 300_000);
    afterAll(() => client.end());
    expectFewVisits();

    it("sees a statement that goes through a table for each key", async () => {
      const visits = await visitsOf(client, TEMPTING, [`'${ENDPOINT}'`, `${NEVER}`, `${KEYS / 20}`]);
      expect(visits.rows).toBeGreaterThan(ROWS_AFTER_EMPTY);
    });
  });
});
