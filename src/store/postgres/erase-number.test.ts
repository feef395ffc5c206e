import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type PostgresServer, sharedPostgres, WAITING_SESSIONS } from "../../../test/support/postgres.ts";
import { createClock } from "../../domain/clock.ts";
import { acceptanceTo, eraseWholly } from "../contract/erasure.ts";
import { tel, World } from "../contract/world.ts";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./postgres-store.ts";

const quiet = {
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: { count() {}, gauge() {}, observe() {} },
};
const NUMBER = "+4915300000000";

describe("an erasure beside others who write", () => {
  let server: PostgresServer;
  let store: Store;
  let world: World;
  let clients: readonly [holding: Client, watching: Client];
  beforeAll(async () => {
    server = await sharedPostgres();
    const url = await server.createDatabase();
    const clock = createClock(() => Date.now());
    store = await openPostgresStore({ url, directUrl: url, clock, ...quiet });
    clients = [new Client({ connectionString: url }), new Client({ connectionString: url })];
    for (const client of clients) await client.connect();
  });
  beforeEach(() => {
    world = new World({ store, reopen: async () => {}, dispose: async () => {} });
  });
  afterAll(async () => {
    for (const client of clients) await client.end();
    await store.close();
    await server.stop();
  });

  /** Holds a message's targets as somebody does who moves them, until `let go`. */
  const hold = async (messageId: string, wait: "" | "NOWAIT" = "") => {
    const targets = `SELECT 1 FROM targets WHERE message_id = $1 ORDER BY n FOR NO KEY UPDATE ${wait}`;
    return (await clients[0].query(targets, [messageId])).rowCount;
  };

  /** Resolves once so many transactions wait for another. */
  const waiting = async (many: number) => {
    await vi.waitUntil(async () => (await clients[1].query(WAITING_SESSIONS)).rowCount === many, 50_000);
  };

  it("keeps what is put on a trail meanwhile", async () => {
    const [key] = await world.inFlight();
    const number = (await store.getMessage(key))?.targets[0]?.destination.target ?? "";
    const trail = [{ at: world.now(), what: "sent", words: number }] as const;
    await store.settleTargets([world.sent(key, ["its receipt"], { trail })]);
    await clients[0].query("BEGIN");
    await hold(key.messageId);
    const receiving = store.applyReceipts([world.receipt("its receipt")]);
    await waiting(1);
    const erasing = eraseWholly(world, number);
    await waiting(2);
    await clients[0].query("ROLLBACK");
    expect(await receiving).toMatchObject([{ kind: "applied" }]);
    await erasing;
    expect(await world.trailOf(key)).toEqual(["sent", "receipt"]);
    expect(JSON.stringify(await store.getTrails(key))).not.toContain(number);
  });

  it("holds no message while it waits for an older one: whoever holds that may want both", async () => {
    const older = acceptanceTo(world, NUMBER);
    const made = world.acceptance();
    const newer = { ...made, message: { ...made.message, source: tel(NUMBER) } };
    await store.acceptMessages([older, newer]);
    await clients[0].query("BEGIN");
    await hold(older.message.id);
    const erasing = eraseWholly(world, NUMBER);
    await waiting(1);
    expect(await hold(newer.message.id, "NOWAIT")).toBe(1);
    await clients[0].query("ROLLBACK");
    expect(await erasing).toMatchObject({ messages: 2, targets: 1 });
  });
});
