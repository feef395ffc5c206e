import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { createClock } from "../../domain/clock.ts";
import type { EventId } from "../../domain/ids.ts";
import { World } from "../contract/world.ts";
import { openPostgresStore } from "./postgres-store.ts";

const quiet = {
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: { count() {}, gauge() {}, observe() {} },
};

/** More than a store has connections to write with. */
const CANCELLATIONS = 20;
const LEASE_MS = 11_000;

let server: PostgresServer;
beforeAll(async () => {
  server = await sharedPostgres();
});
afterAll(() => server.stop());

it("a node renews its leases while everything that writes waits for a lock", async () => {
  const url = await server.createDatabase();
  const store = await openPostgresStore({
    url,
    directUrl: url,
    clock: createClock(() => Date.now()),
    ...quiet,
  });
  const world = new World({ store, reopen: () => Promise.resolve(), dispose: () => store.close() });
  const [key] = await world.accept();
  const locker = new Client({ connectionString: url });
  await locker.connect();
  await locker.query("BEGIN; LOCK TABLE targets IN ACCESS EXCLUSIVE MODE");
  const change = { ...key, at: world.now(), eventId: world.id<EventId>() } as const;
  let ended = 0;
  const canceling = Array.from({ length: CANCELLATIONS }, () =>
    store.cancelMessages([change]).finally(() => ended++),
  );
  const settled = Promise.allSettled(canceling);
  const { carrierId, node } = world;
  const [now, expiresAt] = [world.now(), world.in(LEASE_MS)];
  expect(await store.heartbeat(node, now, expiresAt)).toEqual([{ node, expiresAt }]);
  const request = { carrierId, slots: 1, want: 1, node, now, expiresAt, upAt: null };
  expect((await store.leaseBinds(request)).leases).toHaveLength(1);
  expect(ended).toBe(0);
  await locker.query("ROLLBACK");
  await locker.end();
  await settled;
  await store.close();
});
