import { Client } from "pg";
import { beforeAll, afterAll, describe, expect, it } from "vitest";
import { startForwarder } from "./support/forwarder.ts";
import { execute, type PostgresServer, startPostgres } from "./support/postgres.ts";
import { pause } from "./support/service.ts";
import { putUnderLoad, type UnderLoad } from "./support/under-load.ts";

/** Longer than a session waits for a lock. */
const LOCKED_MS = 7_000;
const AWAY_MS = 1_000;
const NODES = 2;

/** What becomes of a service under load while its database cannot be written, and afterwards; the long run has more of it. */
describe("a database that fails under load", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it("by becoming read-only", async () => {
    await using cleanUp = new AsyncDisposableStack();
    const url = await server.createDatabase();
    const load = await putUnderLoad(cleanUp, { url, nodes: NODES });
    await load.moreOrders(10);
    const name = new URL(url).pathname.slice(1);
    const elsewhere = Object.assign(new URL(url), { pathname: "postgres" }).href;
    await execute(elsewhere, `ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await execute(
      elsewhere,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'msgbin%' AND pid <> pg_backend_pid()",
    );
    await expectRefusals(load);
    await execute(elsewhere, `ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await expectToGoOn(load);
  });

  it("by a table that somebody locks", async () => {
    await using cleanUp = new AsyncDisposableStack();
    const url = await server.createDatabase();
    const load = await putUnderLoad(cleanUp, { url, nodes: NODES });
    await load.moreOrders(10);
    const locker = new Client({ connectionString: url });
    await locker.connect();
    await locker.query("BEGIN; LOCK TABLE targets IN ACCESS EXCLUSIVE MODE");
    const locked = pause(LOCKED_MS);
    await expectRefusals(load);
    await locked;
    await locker.end();
    await expectToGoOn(load);
  });

  it("by a connection that breaks", async () => {
    await using cleanUp = new AsyncDisposableStack();
    const url = await server.createDatabase();
    const forwarder = await startForwarder(Number(new URL(url).port));
    cleanUp.defer(() => forwarder.close());
    const load = await putUnderLoad(cleanUp, { url: forwarder.through(url), directUrl: url, nodes: NODES });
    await load.moreOrders(10);
    forwarder.leadTo(null);
    await pause(AWAY_MS);
    await expectRefusals(load);
    forwarder.leadTo(Number(new URL(url).port));
    await expectToGoOn(load);
  });
});

async function expectRefusals(load: UnderLoad): Promise<void> {
  const b = performance.now();
  await load.readiness(503);
  console.log("not ready after", performance.now() - b);
}

async function expectToGoOn(load: UnderLoad): Promise<void> {
  const b = performance.now();
  await load.readiness(200);
  console.log("ready after", performance.now() - b);
  await load.moreOrders(10);
  console.log("orders after", performance.now() - b);
  await load.moreTaken(50);
  await load.balance();
  console.log(
    load.told.length,
    "told",
    Object.entries(Object.groupBy(load.told, (t) => String(t.status))).map(([s, l]) => [
      s,
      l?.length,
      Math.max(...(l ?? []).map((t) => t.tookMs)),
    ]),
    load.smsc.counters(),
  );
  expect(1).toBe(1);
}
