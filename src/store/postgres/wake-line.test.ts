import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startForwarder } from "../../../test/support/forwarder.ts";
import { execute, type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { eventually } from "../../../test/support/service.ts";
import { quietLogger } from "../../../test/support/store-of.ts";
import type { Wake } from "../store.ts";
import { WakeLine } from "./wake-line.ts";

const WITHIN_MS = 40_000;

describe("a wake line", () => {
  let server: PostgresServer;
  let url: string;
  beforeAll(async () => {
    server = await sharedPostgres();
    url = await server.createDatabase();
  });
  afterAll(() => server.stop());

  /** A line that leads through an address where it can be disturbed. */
  async function setUp(cleanUp: AsyncDisposableStack) {
    const forwarder = await startForwarder(Number(new URL(url).port));
    cleanUp.defer(() => forwarder.close());
    const line = new WakeLine(forwarder.through(url), quietLogger);
    cleanUp.defer(() => line.close());
    let heard = 0;
    line.listen(() => {
      heard += 1;
    });
    /** Another node tells something until it is heard; answers how often. */
    const hears = () => {
      const before = heard;
      return eventually(
        () => execute(url, "NOTIFY msgbin_wake, 'another c'").then(() => heard - before),
        (count) => count > 0,
        WITHIN_MS,
      );
    };
    return { forwarder, line, hears };
  }

  it.concurrent("hears again soon after the server has vanished without a word", async () => {
    await using cleanUp = new AsyncDisposableStack();
    const { forwarder, line, hears } = await setUp(cleanUp);
    await line.open();
    expect(await hears()).toBeGreaterThan(0);
    forwarder.fallSilent();
    expect(await hears()).toBeGreaterThan(0);
  });

  it.concurrent("tells other nodes of a flood of long wakes, as many as its notifications hold", async () => {
    await using cleanUp = new AsyncDisposableStack();
    const lines = [new WakeLine(url, quietLogger), new WakeLine(url, quietLogger)] as const;
    for (const line of lines) {
      cleanUp.defer(() => line.close());
      await line.open();
    }
    const heard: string[] = [];
    lines[1].listen((wake) => wake.kind === "queue" && heard.push(wake.carrierId));
    const tooLong = `q${"9".repeat(8_000)}`;
    const many = Array.from({ length: 1_000 }, (_, index) => `q${String(index).padStart(99, "0")}`);
    lines[0].wake([tooLong, ...many]);
    const count = await eventually(
      async () => heard.length,
      (length) => length > 600,
      WITHIN_MS,
    );
    expect(count).toBeLessThan(650);
  });

  it.concurrent("tells other nodes whose events there are, where none of the version before listens", async () => {
    await using cleanUp = new AsyncDisposableStack();
    const lines = [new WakeLine(url, quietLogger), new WakeLine(url, quietLogger)] as const;
    for (const line of lines) {
      cleanUp.defer(() => line.close());
      await line.open();
    }
    const before = new Client({ connectionString: url });
    await before.connect();
    cleanUp.defer(() => before.end());
    await before.query("LISTEN msgbin_wake");
    const heardBefore: string[] = [];
    before.on("notification", ({ payload = "" }) => heardBefore.push(...payload.split(" ").slice(1)));
    const heard: Wake[] = [];
    lines[1].listen((wake) => heard.push(wake));
    const customers = Array.from({ length: 500 }, () => crypto.randomUUID());
    const other = `q${crypto.randomUUID()}`;
    lines[0].wake([...customers.map((id) => `e${id}`), other]);
    const told = () => heard.flatMap((wake) => (wake.kind === "events" ? wake.customerId : []));
    await eventually(
      async () => told().length,
      (length) => length === customers.length,
      WITHIN_MS,
    );
    expect(told()).toEqual(customers);
    await before.query("SELECT 1"); // what was notified before is heard with this answer
    expect(heardBefore.filter((key) => key === other || key.startsWith("e"))).toEqual([other]);
  });

  it.concurrent("waits for no server that takes a connection and says nothing", async () => {
    await using cleanUp = new AsyncDisposableStack();
    const { forwarder, line, hears } = await setUp(cleanUp);
    const mute = createServer();
    mute.listen(0, "127.0.0.1");
    cleanUp.defer(() => void mute.close());
    await once(mute, "listening");
    forwarder.leadTo((mute.address() as AddressInfo).port); // it listens on a port
    await line.open();
    forwarder.leadTo(Number(new URL(url).port));
    expect(await hears()).toBeGreaterThan(0);
  });
});
