import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startForwarder } from "../../../test/support/forwarder.ts";
import { execute, type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { eventually } from "../../../test/support/service.ts";
import { quietLogger } from "../../../test/support/store-of.ts";
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

  it.concurrent("tells other nodes of a flood of long wakes too, as many as one notification holds", async () => {
    await using cleanUp = new AsyncDisposableStack();
    const lines = [new WakeLine(url, quietLogger), new WakeLine(url, quietLogger)] as const;
    for (const line of lines) {
      cleanUp.defer(() => line.close());
      await line.open();
    }
    const heard: string[] = [];
    lines[1].listen((wake) => wake.kind === "queue" && heard.push(wake.carrierId));
    lines[0].wake(Array.from({ length: 300 }, (_, index) => `q${String(index).padStart(99, "0")}`));
    const count = await eventually(
      async () => heard.length,
      (length) => length > 0,
      WITHIN_MS,
    );
    expect(count).toBeGreaterThan(70);
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
