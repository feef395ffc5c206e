import { afterAll, beforeAll, expect, it } from "vitest";
import { type PostgresServer, startPostgres } from "../../../test/support/postgres.ts";
import { createClock } from "../../domain/clock.ts";
import type { NodeId } from "../../domain/ids.ts";
import type { Wake } from "../store.ts";
import { openPostgresStore } from "./postgres-store.ts";

const quiet = {
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: { count() {}, gauge() {}, observe() {} },
};

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

it("a node that lets go of its bind slots and closes at once is heard by the others", async () => {
  const url = await server.createDatabase();
  const open = () =>
    openPostgresStore({ url, directUrl: url, clock: createClock(() => Date.now()), ...quiet });
  const staying = await open();
  const leaving = await open();
  const heard = new Promise<Wake>((resolve) => {
    staying.onWake((wake) => {
      if (wake.kind === "leases") resolve(wake);
    });
  });
  await leaving.releaseBinds("01900000-0000-7000-8000-000000000001" as NodeId, null); // any id names a node
  await leaving.close();
  expect(await heard).toEqual({ kind: "leases" });
  await staying.close();
});
