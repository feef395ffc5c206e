import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { expectNothingToBeTaken, expectRefusals, expectToGoOn } from "../support/failing-database.ts";
import { startForwarder } from "../support/forwarder.ts";
import { startPostgres } from "../support/postgres.ts";
import { startSynchronousStandby } from "../support/postgres-standby.ts";
import { runRefusedServe } from "../support/run-serve.ts";
import { eventually, pause } from "../support/service.ts";
import { putUnderLoad } from "../support/under-load.ts";

const NODES = 3;
const SENDERS = 24;
const WITHIN_MS = 120_000;

/**
 * The primary is killed under load. The address of the database leads to the standby from then on, which answers that it is
 * read-only until it is promoted: at once, and after longer than leases last.
 */
it.each([
  ["at once", 0],
  ["when all leases are over", 15_000],
])("a standby that is promoted %s has everything that was acknowledged", async (_when, waitMs) => {
  await using cleanUp = new AsyncDisposableStack();
  const primary = await startPostgres();
  cleanUp.defer(() => primary.stop());
  if (primary.own === null)
    return console.log("failover did not run: the server at hand is not ours to kill");
  const standby = await startSynchronousStandby(primary.own);
  if (standby === null) return console.log("failover did not run");
  cleanUp.defer(() => standby.stop());
  const url = await primary.createDatabase();
  const forwarder = await startForwarder(Number(new URL(url).port));
  cleanUp.defer(() => forwarder.close());
  const address = forwarder.through(url);
  const directUrl = Object.assign(new URL(url), { port: String(standby.port) }).href;
  const load = await putUnderLoad(cleanUp, { url: address, directUrl, nodes: NODES, senders: SENDERS });
  await load.moreOrders(200);

  const killedAtMs = performance.now();
  await primary.own.kill();
  forwarder.leadTo(standby.port);
  await eventually(
    async () => (await fetch(`${load.nodes[0]?.url}/readyz`)).text(),
    (told) => told.includes("read_only"),
    WITHIN_MS,
  );
  await expectRefusals(load);
  if (waitMs > 0) await expectToRefuseToStart(address);
  await pause(waitMs);
  const promotedAtMs = performance.now();
  await standby.promote();
  const writableAtMs = performance.now();
  await load.moreOrders(1);
  const orderedAtMs = performance.now();
  await load.moreTaken(1);
  const takenAtMs = performance.now();
  await load.readiness(200);
  console.log(
    `failover: promotion began ${seconds(promotedAtMs - killedAtMs)} after the primary was killed and took ` +
      `${seconds(writableAtMs - promotedAtMs)}; then the first order was taken after ${seconds(orderedAtMs - writableAtMs)}, ` +
      `the first receipt or text after ${seconds(takenAtMs - writableAtMs)}, and every node was ready`,
  );
  await expectToGoOn(load);
});

it("a primary whose standby is lost takes nothing until it is back", async () => {
  await using cleanUp = new AsyncDisposableStack();
  const primary = await startPostgres();
  cleanUp.defer(() => primary.stop());
  const standby = primary.own === null ? null : await startSynchronousStandby(primary.own);
  if (standby === null) return console.log("the loss of a standby did not run");
  cleanUp.defer(() => standby.stop());
  const load = await putUnderLoad(cleanUp, { url: await primary.createDatabase(), nodes: NODES });
  await load.moreOrders(10);
  await standby.kill();
  await expectNothingToBeTaken(load);
  await standby.start();
  await expectToGoOn(load);
});

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

/** A node that starts meanwhile says what is wrong and ends, for its manager to try again. */
async function expectToRefuseToStart(address: string): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "msgbin-test-"));
  try {
    const { code, output } = await runRefusedServe({
      MSGBIN_DATABASE_URL: address,
      MSGBIN_SECRET_KEY: "the one key that all of the nodes are given",
      MSGBIN_DATA_DIR: dataDir,
    });
    expect(code).toBeGreaterThan(0);
    expect(output).toContain("read-only");
  } finally {
    await rm(dataDir, { recursive: true });
  }
}
