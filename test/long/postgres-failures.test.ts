import { Client } from "pg";
import { describe, expect, it } from "vitest";
import { createSimulator } from "../../src/carriers/simulator/simulator.ts";
import { type ApiMessage, createApiClient } from "../support/api-client.ts";
import { expectNothingToBeTaken, expectRefusals, expectToGoOn } from "../support/failing-database.ts";
import { startForwarder } from "../support/forwarder.ts";
import { execute, type OwnServer, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { eventually, loginAsAdmin, pause, prepareService } from "../support/service.ts";
import { mountSmallDisk } from "../support/small-disk.ts";
import { putUnderLoad } from "../support/under-load.ts";

const NODES = 2;
const LOCKED_MS = 30_000;
const DATA_DISK_BYTES = 96 * 1_024 * 1_024;
/** Six segments of the log. */
const WAL_DISK_BYTES = 96 * 1_024 * 1_024;
const WITHIN_MS = 120_000;

async function ownServer(
  cleanUp: AsyncDisposableStack,
  ...options: Parameters<typeof startPostgres>
): Promise<PostgresServer & { readonly own: OwnServer }> {
  const server = await startPostgres(...options);
  cleanUp.defer(() => server.stop());
  const { own } = server;
  if (own === null) throw new Error("this test needs a server of its own: unset MSGBIN_TEST_POSTGRES_URL");
  return { ...server, own };
}

/** Two nodes under load whose database cannot be written for a while. */
describe("a service whose database", () => {
  it("has tables that somebody locks for half a minute takes nothing, and goes on by itself", async () => {
    await using cleanUp = new AsyncDisposableStack();
    const server = await ownServer(cleanUp);
    const url = await server.createDatabase();
    const load = await putUnderLoad(cleanUp, { url, nodes: NODES });
    await load.moreOrders(10);
    const locker = new Client({ connectionString: url });
    locker.on("error", () => undefined); // it ends with the server when the test fails
    await locker.connect();
    // The second of them keeps the parts of what handsets write.
    await locker.query("BEGIN; LOCK TABLE targets, gathered_parts IN ACCESS EXCLUSIVE MODE");
    const locked = pause(LOCKED_MS);
    await expectNothingToBeTaken(load);
    await locked;
    await locker.end();
    await expectToGoOn(load);
  });

  it("says nothing at all takes nothing, and goes on by itself when it does", async () => {
    await using cleanUp = new AsyncDisposableStack();
    const server = await ownServer(cleanUp);
    const load = await putUnderLoad(cleanUp, { url: await server.createDatabase(), nodes: NODES });
    await load.moreOrders(10);
    server.own.freeze();
    cleanUp.defer(() => server.own.thaw());
    await expectNothingToBeTaken(load);
    server.own.thaw();
    await expectToGoOn(load);
  });

  it("has no room for its tables refuses what does not fit, and goes on by itself when there is room", async () => {
    await using cleanUp = new AsyncDisposableStack();
    const disk = mountSmallDisk(DATA_DISK_BYTES, "the full disk of PostgreSQL's tables");
    if (disk === null) return;
    cleanUp.defer(() => disk.unmount());
    const server = await ownServer(cleanUp, [], { data: disk.folder });
    const load = await putUnderLoad(cleanUp, { url: await server.createDatabase(), nodes: NODES });
    await load.moreOrders(10);
    disk.fill();
    await expectRefusals(load);
    expect(load.told.filter(({ retryAfter }) => retryAfter === "10").length).toBeGreaterThan(0);
    disk.empty();
    await expectToGoOn(load);
  });

  it("has no room for its log goes down with it, and the service goes on when it is up again", async () => {
    await using cleanUp = new AsyncDisposableStack();
    const disk = mountSmallDisk(WAL_DISK_BYTES, "the full disk of PostgreSQL's log");
    if (disk === null) return;
    cleanUp.defer(() => disk.unmount());
    const sizes = ["max_wal_size=48MB", "min_wal_size=32MB"];
    const server = await ownServer(cleanUp, sizes, { wal: disk.folder });
    const url = await server.createDatabase();
    const load = await putUnderLoad(cleanUp, { url, nodes: NODES });
    await load.moreOrders(10);
    disk.fill();
    await execute(url, "SELECT pg_switch_wal()").catch(() => undefined); // or else it has a segment's time left
    await expectRefusals(load);
    disk.empty();
    await server.own.kill(); // it may be restarting by itself
    await server.own.start();
    await expectToGoOn(load);
  });
});

it("a message whose commit was never answered for goes out all the same, without a restart", async () => {
  await using cleanUp = new AsyncDisposableStack();
  const server = await ownServer(cleanUp);
  const url = await server.createDatabase();
  const { port } = new URL(url);
  const forwarder = await startForwarder(Number(port));
  cleanUp.defer(() => forwarder.close());
  const smsc = createSimulator();
  const { port: smscPort } = await smsc.listen();
  cleanUp.defer(() => smsc.close());
  const node = await prepareService({
    MSGBIN_DATABASE_URL: forwarder.through(url),
    MSGBIN_SECRET_KEY: "the one key that the only node is given",
  });
  cleanUp.defer(() => node.dispose());
  await node.start();
  const api = createApiClient(node.url, await loginAsAdmin(node.url));
  await api.succeed("POST", "/v1.0/carriers", { name: "north", url: `smpp://n:s@127.0.0.1:${smscPort}` });
  const send = (text: string) => api.send(["+31600000001"], text, { "Idempotency-Key": `key-of-${text}` });
  const first = await eventually(
    () => send("first"),
    ({ status }) => status === 200,
    WITHIN_MS,
  );
  await eventually(() => api.message(first.body.id), isDelivered, WITHIN_MS); // a bind is up: the next one is handed over

  const lost = forwarder.loseCommitOf("lost-on-the-way");
  const answer = send("lost-on-the-way");
  const early = answer.then(({ status }) => {
    throw new Error(`answered ${status} before its commit was lost`);
  });
  await Promise.race([lost, early]);
  await eventually(
    () => execute(url, "SELECT 1 FROM leased"),
    ({ rowCount }) => rowCount === 1,
    WITHIN_MS,
  );
  forwarder.leadTo(null);
  const { status, body } = await answer;
  expect(status).toBe(503);
  expect(JSON.stringify(body)).toContain("Idempotency-Key");
  forwarder.leadTo(Number(port));
  const again = await eventually(
    () => send("lost-on-the-way"),
    (told) => told.status === 200,
    WITHIN_MS,
  );
  await eventually(() => api.message(again.body.id), isDelivered, WITHIN_MS);
  expect(smsc.counters().submits).toBe(2);
  const metrics = await (await fetch(`${node.url}/metrics`)).text();
  expect(metrics).toMatch(/msgbin_strays_total\{carrier="north"\} 1/);
});

function isDelivered({ targets }: ApiMessage): boolean {
  return targets[0]?.status === "delivered";
}
