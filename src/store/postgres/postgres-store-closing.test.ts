import { expect, it } from "vitest";
import { startPostgres } from "../../../test/support/postgres.ts";
import { quietLogger, quietMetrics } from "../../../test/support/store-of.ts";
import { createClock } from "../../domain/clock.ts";
import { openPostgresStore } from "./postgres-store.ts";

it("a store closes though its server says nothing any more", async () => {
  const server = await startPostgres();
  try {
    if (server.own === null) return console.log("did not run: the server at hand is not ours to stop");
    const url = await server.createDatabase();
    const clock = createClock(() => Date.now());
    const store = await openPostgresStore({
      url,
      directUrl: url,
      clock,
      logger: quietLogger,
      metrics: quietMetrics,
    });
    await store.probe();
    await store.listCarriers();
    server.own.freeze();
    await expect(store.close()).resolves.toBeUndefined();
  } finally {
    server.own?.thaw();
    await server.stop();
  }
});
