import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type PostgresServer, sharedPostgres, WAITING_SESSIONS } from "../../../test/support/postgres.ts";
import { quietLogger, quietMetrics } from "../../../test/support/store-of.ts";
import { createClock } from "../../domain/clock.ts";
import type { Customer } from "../../domain/customer.ts";
import type { NumberId } from "../../domain/ids.ts";
import type { OwnedNumber } from "../../domain/owned-number.ts";
import { customerRecord } from "../contract/customer-record.ts";
import { World } from "../contract/world.ts";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./postgres-store.ts";

describe("a number that is added while its customer is deleted on another node", () => {
  let server: PostgresServer;
  let client: Client;
  let nodes: readonly [Store, Store];
  let world: World;
  let owner: Customer;
  let number: OwnedNumber;
  beforeAll(async () => {
    server = await sharedPostgres();
    const url = await server.createDatabase();
    const clock = createClock(() => Date.now());
    const quiet = { logger: quietLogger, metrics: quietMetrics };
    const open = () => openPostgresStore({ url, directUrl: url, clock, ...quiet });
    nodes = [await open(), await open()];
    client = new Client({ connectionString: url });
    await client.connect();
  });
  beforeEach(async () => {
    world = new World({ store: nodes[0], reopen: async () => {}, dispose: async () => {} });
    owner = customerRecord(world);
    await nodes[0].putCustomer(owner);
    const words = { number: `Shop${owner.id}`, type: "normal", name: "", detail: "", optOut: null } as const;
    const times = { tmCreate: world.now(), tmUpdate: null, tmDelete: null };
    number = { id: world.id<NumberId>(), customerId: owner.id, ...words, ...times };
  });
  afterAll(async () => {
    await client.end();
    for (const node of nodes) await node.close();
    await server.stop();
  });

  const deleted = () => ({ ...owner, tmUpdate: world.now(), tmDelete: world.now() });

  async function untilWaiting(sessions: number): Promise<void> {
    await vi.waitUntil(async () => (await client.query(WAITING_SESSIONS)).rowCount === sessions, 50_000);
  }

  it("waits for a deletion that came first, and has no owner", async () => {
    await client.query("BEGIN");
    await client.query("UPDATE customers SET tm_delete = 1 WHERE customer_id = $1", [owner.id]);
    const adding = nodes[0].putNumber(number);
    await untilWaiting(1);
    await client.query("COMMIT");
    expect(await adding).toBe("no_owner");
  });

  it("is there when a deletion that came second is committed, to be given up by it", async () => {
    await client.query("BEGIN; LOCK TABLE numbers IN SHARE MODE");
    const adding = nodes[0].putNumber(number);
    await untilWaiting(1);
    const listing = nodes[1]
      .putCustomer(deleted(), owner)
      .then(() => nodes[1].listNumbers(owner.id, { before: null, limit: 1 }));
    await untilWaiting(2);
    await client.query("COMMIT");
    expect(await listing).toEqual([number]);
    expect(await adding).toBe("written");
  });
});
