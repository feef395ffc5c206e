import { Client } from "pg";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type PostgresServer, sharedPostgres, WAITING_SESSIONS } from "../../../test/support/postgres.ts";
import { quietLogger, quietMetrics } from "../../../test/support/store-of.ts";
import { createClock } from "../../domain/clock.ts";
import { Handset, texts } from "../contract/handset.ts";
import { HOUR_MS, World } from "../contract/world.ts";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./postgres-store.ts";

let server: PostgresServer;
let clients: readonly [Client, Client];
let store: Store;
beforeAll(async () => {
  server = await sharedPostgres();
  const url = await server.createDatabase();
  const clock = createClock(() => Date.now());
  const quiet = { logger: quietLogger, metrics: quietMetrics };
  store = await openPostgresStore({ url, directUrl: url, clock, ...quiet });
  clients = [new Client({ connectionString: url }), new Client({ connectionString: url })];
  for (const client of clients) await client.connect();
});
afterAll(async () => {
  for (const client of clients) await client.end();
  await store.close();
  await server.stop();
});

it("keeps a part whose gathering is forgotten while it waits for it", async () => {
  const world = new World({ store, reopen: async () => {}, dispose: async () => {} });
  const handset = new Handset(world);
  const [forgetting, watching] = clients;
  await store.keepParts([handset.part(1, "a")]);
  await forgetting.query("BEGIN; SELECT 1 FROM gatherings FOR UPDATE");
  const keeping = store.keepParts([handset.part(2, "b")]);
  await vi.waitUntil(async () => (await watching.query(WAITING_SESSIONS)).rowCount, 50_000);
  await forgetting.query("DELETE FROM gathered_parts; DELETE FROM gatherings; COMMIT");
  expect(await keeping).toEqual([]);
  expect(texts(await handset.found(world.in(HOUR_MS)))).toEqual([["2:b"]]);
});
