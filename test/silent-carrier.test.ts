import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { parseCarrierUrl } from "../src/carriers/carrier-url.ts";
import { createSimulator } from "../src/carriers/simulator/simulator.ts";
import { createSmppCarrier } from "../src/carriers/smpp/smpp-carrier.ts";
import { FAST_PACES } from "../src/carriers/smpp/smpp-carrier.fixture.ts";
import { createDispatch } from "../src/dispatch/dispatch.ts";
import type { CarrierId } from "../src/domain/ids.ts";
import { HOUR_MS, World } from "../src/store/contract/world.ts";
import { ENGINES } from "./support/engines.ts";
import { quietLogger, quietMetrics } from "./support/store-of.ts";

const WAIT = { timeout: 50_000, interval: 5 };
const PROMPT = { receiptDelayMs: 0, receiptJitterMs: 0 };

it("what waits for a carrier that is bound and answers nothing goes to another, until it answers", async () => {
  const directory = await mkdtemp(join(tmpdir(), "msgbin-silent-"));
  await using engine = await ENGINES.SQLite();
  await using store = await engine.openStore(directory);
  const world = new World({
    store,
    reopen: () => Promise.reject(new Error("not here")),
    dispose: () => store.close(),
  });
  const shared = {
    clock: world.clock,
    monotonicMs: () => performance.now(),
    random: () => 0,
    logger: quietLogger,
    metrics: quietMetrics,
  };
  const north = createSimulator({ behaviours: { ...PROMPT, silent: true } });
  const south = createSimulator({ behaviours: PROMPT });
  const southId = world.id<CarrierId>();
  const dispatch = createDispatch({
    ...shared,
    store,
    node: world.node,
    countParts: ({ parts }) => parts,
    onReceipts: () => Promise.resolve(),
    onInbound: () => Promise.resolve(),
    settings: { heartbeatMs: 20, leaseMs: HOUR_MS, pollMs: 20, laneWaitMs: 20, failoverMs: 150 },
  });
  async function connect(id: CarrierId, name: string, smsc: typeof north, responseTimeoutMs: number) {
    const { port } = await smsc.listen();
    const parsed = parseCarrierUrl(`smpp://id:secret@127.0.0.1:${port}?window=10`);
    if (!parsed.ok) throw new Error(parsed.reason);
    const account = { ...parsed.config, responseTimeoutMs };
    const carrier = createSmppCarrier({ ...shared, id, name, account, paces: FAST_PACES });
    dispatch.add(carrier);
    return carrier;
  }
  const silent = await connect(world.carrierId, "north", north, 100);
  await connect(southId, "south", south, 60_000);
  await dispatch.start();
  const accept = async () => (await world.accept({ fallbacks: [southId] }))[0];
  const keys = await Promise.all(Array.from({ length: 60 }, accept));
  let mostTried = 0;
  const areSent = async () => {
    const { state, windowUsed } = silent.health();
    if (state === "silent") mostTried = Math.max(mostTried, windowUsed);
    for (const key of keys) expect(await world.statuses(key)).toEqual(["sent"]);
  };
  await vi.waitFor(areSent, WAIT);
  expect(mostTried).toBeLessThanOrEqual(1);
  expect(south.counters().submits).toBe(60);
  expect(silent.health()).toMatchObject({ state: "silent", lanes: 1 });
  const trails = await Promise.all(keys.map((key) => world.trailOf(key)));
  expect(trails).toContainEqual(["carrier_down", "rerouted", "sent"]);

  north.behave({ silent: false });
  await vi.waitFor(async () => {
    const key = await accept();
    await vi.waitFor(async () => expect(await world.statuses(key)).toEqual(["sent"]), WAIT);
    expect(await world.trailOf(key)).toEqual(["sent"]); // by the first, which is there again
  }, WAIT);
  expect(silent.health().state).toBe("up");
  await dispatch.stop(0);
  await Promise.all([north.close(), south.close()]);
  await rm(directory, { recursive: true });
});
