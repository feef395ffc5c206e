import { expect, it } from "vitest";
import { startSimulator } from "../src/app/start-simulator.ts";
import { createApiClient } from "./support/api-client.ts";
import { execute, sharedPostgres } from "./support/postgres.ts";
import { eventually, loginAsAdmin, prepareService } from "./support/service.ts";

const WITHIN_MS = 45_000;

interface Slot {
  readonly node: string | null;
  readonly epoch: string;
}

it("a process that is killed and started again on its data directory has its bind slots at once", async () => {
  if (process.platform !== "linux") return console.log("did not run: only Linux tells its runs apart");
  await using cleanUp = new AsyncDisposableStack();
  const server = await sharedPostgres();
  cleanUp.defer(() => server.stop());
  const simulator = await startSimulator({ host: "127.0.0.1", port: 0, portVariable: "--port" });
  cleanUp.defer(() => simulator.close());
  const url = await server.createDatabase();
  const service = await prepareService({
    MSGBIN_DATABASE_URL: url,
    MSGBIN_SECRET_KEY: "a key of this test alone",
  });
  cleanUp.defer(() => service.dispose());
  const slots = async () =>
    (await execute(url, "SELECT node, epoch FROM bind_leases")).rows as readonly Slot[];

  await service.start();
  const api = createApiClient(service.url, await loginAsAdmin(service.url));
  await api.succeed("POST", "/v1.0/carriers", { name: "north", url: simulator.url });
  const [before] = await eventually(slots, (found) => found.length === 1, WITHIN_MS);
  const lives = async () => (await execute(url, "SELECT node FROM nodes")).rows;
  expect(await lives()).toEqual([{ node: before?.node }]);

  await service.kill();
  await service.start(); // long before the leases are over
  const [after] = await slots();
  expect(after?.node).not.toBe(before?.node);
  expect(after?.epoch).toBe(String(Number(before?.epoch) + 1));
  expect(await lives()).toEqual([{ node: after?.node }]);
});
