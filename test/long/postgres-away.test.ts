import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectNothingToBeTaken, expectToGoOn } from "../support/failing-database.ts";
import { startForwarder } from "../support/forwarder.ts";
import { execute, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { putUnderLoad } from "../support/under-load.ts";

const NODES = 2;

/** Two nodes under load whose database cannot be written for a while. */
describe("a service whose database", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it("becomes read-only takes nothing, and goes on by itself when it can be written", async () => {
    await using cleanUp = new AsyncDisposableStack();
    const url = await server.createDatabase();
    const load = await putUnderLoad(cleanUp, { url, nodes: NODES });
    await load.moreOrders(10);
    await setReadOnly(url, true);
    await expectNothingToBeTaken(load);
    await setReadOnly(url, false);
    await expectToGoOn(load);
  });

  it("cannot be reached takes nothing, and goes on by itself when it can", async () => {
    await using cleanUp = new AsyncDisposableStack();
    const url = await server.createDatabase();
    const { port } = new URL(url);
    const forwarder = await startForwarder(Number(port));
    cleanUp.defer(() => forwarder.close());
    const load = await putUnderLoad(cleanUp, { url: forwarder.through(url), directUrl: url, nodes: NODES });
    await load.moreOrders(10);
    forwarder.leadTo(null);
    await expectNothingToBeTaken(load);
    forwarder.leadTo(Number(port));
    await expectToGoOn(load);
  });
});

/** For all sessions: new ones begin so, and those that there are end. */
async function setReadOnly(url: string, isOn: boolean): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  const elsewhere = Object.assign(new URL(url), { pathname: "postgres" }).href;
  await execute(
    elsewhere,
    `ALTER DATABASE ${name} SET default_transaction_read_only = ${isOn ? "on" : "off"}`,
  );
  const ended = await execute(
    elsewhere,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
  );
  expect(ended.rowCount).toBeGreaterThan(0);
}
