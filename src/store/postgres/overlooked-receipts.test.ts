import { afterAll, beforeAll, expect, it } from "vitest";
import { execute, type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { quietLogger, quietMetrics } from "../../../test/support/store-of.ts";
import { createClock } from "../../domain/clock.ts";
import { World } from "../contract/world.ts";
import type { Store } from "../store.ts";
import { LOOKED_AT_ONCE } from "./overlooked-receipts.ts";
import { openPostgresStore } from "./postgres-store.ts";

let server: PostgresServer;
let url: string;
let store: Store;
beforeAll(async () => {
  server = await sharedPostgres();
  url = await server.createDatabase();
  const [clock, logger, metrics] = [createClock(() => Date.now()), quietLogger, quietMetrics];
  store = await openPostgresStore({ url, directUrl: url, clock, logger, metrics });
});
afterAll(async () => {
  await store.close();
  await server.stop();
});

it("a parked receipt that was overlooked is applied, and each look goes through so many at most", async () => {
  const world = new World({ store, reopen: async () => {}, dispose: async () => {} });
  const { carrierId } = world;
  const park = (key: string, receipt: string, from: string) =>
    execute(
      url,
      `INSERT INTO parked_receipts (carrier_id, key, receipt_id, at, is_first, receipt)
       SELECT '${carrierId}', ${key}, gen_random_uuid(), ${world.now()}, true, '${receipt}' ${from}`,
    );
  const keys = ["a", "z", "b"];
  const targets = await Promise.all(keys.map(async () => (await world.inFlight())[0]));
  await store.settleTargets(targets.map((target, index) => world.sent(target, [keys[index] ?? ""])));
  await park("'a'", JSON.stringify(world.receipt("a")), "");
  await park("'k' || i", JSON.stringify(world.receipt("k")), `FROM generate_series(1, ${LOOKED_AT_ONCE}) i`);
  await park("'z'", JSON.stringify(world.receipt("z")), "");
  const statuses = async () => (await Promise.all(targets.map((target) => world.statuses(target)))).flat();
  const seen: string[] = [];
  for (let look = 0; look < 3; look++) {
    if (look === 2) await park("'b'", JSON.stringify(world.receipt("b")), "");
    await store.expire({ now: world.now(), limit: 500 });
    seen.push((await statuses()).join(" "));
  }
  expect(seen).toEqual([
    "delivered sent sent",
    "delivered delivered sent",
    "delivered delivered delivered", // it began anew
  ]);
});
