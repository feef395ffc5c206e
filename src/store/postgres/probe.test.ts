import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { quietLogger, quietMetrics } from "../../../test/support/store-of.ts";
import { createClock } from "../../domain/clock.ts";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./postgres-store.ts";

describe("the probe", () => {
  let server: PostgresServer;
  let store: Store;
  let other: Client;
  beforeAll(async () => {
    server = await sharedPostgres();
    const url = await server.createDatabase();
    const clock = createClock(() => Date.now());
    store = await openPostgresStore({
      url,
      directUrl: url,
      clock,
      logger: quietLogger,
      metrics: quietMetrics,
    });
    other = new Client({ connectionString: url });
    await other.connect();
  });
  beforeEach(() => other.query("BEGIN"));
  afterEach(async () => {
    await other.query("ROLLBACK");
    await store.probe(); // content again
  });
  afterAll(async () => {
    await other.end();
    await store.close();
    await server.stop();
  });

  it.each(["targets", "queue", "leased", "receipt_keys"])("sees that %s is locked", async (table) => {
    await other.query(`LOCK TABLE ${table} IN SHARE MODE`);
    await expect(store.probe()).rejects.toMatchObject({ name: "StoreUnavailable", reason: "busy" });
  });

  it("is not content with a commit of another probe that does not end", async () => {
    await other.query("UPDATE probe SET times = times + 1");
    await expect(store.probe()).rejects.toMatchObject({ name: "StoreUnavailable", reason: "busy" });
  });

  it("hinders nobody who writes, and is hindered by none", async () => {
    await other.query("LOCK TABLE targets, queue, leased IN ROW EXCLUSIVE MODE");
    await expect(store.probe()).resolves.toBeUndefined();
  });
});
