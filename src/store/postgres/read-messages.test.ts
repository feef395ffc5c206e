import { afterAll, beforeAll, expect, it } from "vitest";
import { type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { quietLogger, quietMetrics } from "../../../test/support/store-of.ts";
import { createClock } from "../../domain/clock.ts";
import { World } from "../contract/world.ts";
import type { Store } from "../store.ts";
import { Database } from "./connection.ts";
import { type Reads, TARGETS_AT_ONCE } from "./message-rows.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { listMessages } from "./read-messages.ts";
import { searchMessages } from "./search-messages.ts";

let server: PostgresServer;
let store: Store;
let database: Database;
beforeAll(async () => {
  server = await sharedPostgres();
  const url = await server.createDatabase();
  const clock = createClock(() => Date.now());
  store = await openPostgresStore({
    url,
    directUrl: url,
    clock,
    logger: quietLogger,
    metrics: quietMetrics,
  });
  database = new Database({ url, writers: 1, readers: 1, onIdleError: () => {} });
});
afterAll(async () => {
  await database.close();
  await store.close();
  await server.stop();
});

it("has a bounded number of a page's targets in memory before it knows what fits", async () => {
  const world = new World({ store, reopen: async () => {}, dispose: async () => {} });
  const entries = Array.from({ length: 12 }, () => ({ ...world.acceptance({ targets: 1_000 }), queue: [] }));
  await store.acceptMessages(entries);
  let most = 0;
  const reads: Reads = {
    async rows(statement, values) {
      const rows = await database.read(statement, values);
      most = Math.max(most, rows.length);
      return rows as never[]; // the caller says what the rows of its statement are
    },
  };
  const query = { customerId: world.customerId, before: null, limit: 100, targetLimit: 3_000 };
  expect(await listMessages(reads, query)).toHaveLength(3);
  expect((await searchMessages(reads, query, { text: "hello" })).messages).toHaveLength(3);
  expect(most).toBe(TARGETS_AT_ONCE + 1);
});
