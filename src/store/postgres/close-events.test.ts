import { Client } from "pg";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type PostgresServer, sharedPostgres, WAITING_SESSIONS } from "../../../test/support/postgres.ts";
import { quietLogger, quietMetrics } from "../../../test/support/store-of.ts";
import { createClock } from "../../domain/clock.ts";
import type { EventId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import { World } from "../contract/world.ts";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./postgres-store.ts";

let server: PostgresServer;
let client: Client;
let store: Store;
beforeAll(async () => {
  server = await sharedPostgres();
  const url = await server.createDatabase();
  const clock = createClock(() => Date.now());
  store = await openPostgresStore({ url, directUrl: url, clock, logger: quietLogger, metrics: quietMetrics });
  client = new Client({ connectionString: url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await store.close();
  await server.stop();
});

it("waits for events in the order of their messages, as whoever writes them does", async () => {
  const world = new World({ store, reopen: async () => {}, dispose: async () => {} });
  const [first] = await world.inFlight();
  const [second] = await world.inFlight();
  for (const key of [second, first]) await store.settleTargets([world.sent(key, [null])]); // ids in the other order
  const events = await store.listEvents(world.customerId, world.id<EventId>(micros(0)), 10);
  const open = events.filter(({ isOpen }) => isOpen);
  expect(open.map(({ messageId }) => messageId)).toEqual([second.messageId, first.messageId]);

  const hold = "SELECT 1 FROM events WHERE message_id = $1 AND open FOR NO KEY UPDATE";
  await client.query("BEGIN");
  await client.query(hold, [first.messageId]);
  const closing = store.closeEvents(open);
  await vi.waitUntil(async () => {
    const { rows } = await client.query(WAITING_SESSIONS);
    return rows.length > 0;
  }, 20_000);
  const { rows } = await client.query(`${hold} SKIP LOCKED`, [second.messageId]);
  await client.query("COMMIT");
  await closing;
  expect(rows).toHaveLength(1);
});
