import { afterAll, beforeAll, expect, it } from "vitest";
import { type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { createClock } from "../../domain/clock.ts";
import type { CarrierId, NodeId } from "../../domain/ids.ts";
import { addMs } from "../../domain/micros.ts";
import type { Wake } from "../store.ts";
import { openPostgresStore } from "./postgres-store.ts";

const quiet = {
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: { count() {}, gauge() {}, observe() {} },
};

let server: PostgresServer;
beforeAll(async () => {
  server = await sharedPostgres();
});
afterAll(() => server.stop());

const NODE = "01900000-0000-7000-8000-000000000001" as NodeId; // any id names a node
const CARRIER = "01900000-0000-7000-8000-00000000000a" as CarrierId;

/** A node, and what another hears when bind slots are free. */
async function two() {
  const url = await server.createDatabase();
  const clock = createClock(() => Date.now());
  const open = () => openPostgresStore({ url, directUrl: url, clock, ...quiet });
  const [staying, leaving] = [await open(), await open()];
  const heard = new Promise<Wake>((resolve) => {
    staying.onWake((wake) => {
      if (wake.kind === "leases") resolve(wake);
    });
  });
  return { staying, leaving, heard, clock };
}

it("a node that lets go of its bind slots and closes at once is heard by the others", async () => {
  const { staying, leaving, heard } = await two();
  await leaving.releaseBinds(NODE, null);
  await leaving.close();
  expect(await heard).toEqual({ kind: "leases" });
  await staying.close();
});

it("a node that wants fewer bind slots than it has is heard by the others", async () => {
  const { staying, leaving, heard, clock } = await two();
  const now = clock.now();
  const request = {
    carrierId: CARRIER,
    slots: 2,
    node: NODE,
    now,
    expiresAt: addMs(now, 60_000),
    upAt: null,
  };
  await leaving.leaseBinds({ ...request, want: 2 });
  await leaving.leaseBinds({ ...request, want: 1 });
  expect(await heard).toEqual({ kind: "leases" });
  await leaving.close();
  await staying.close();
});
