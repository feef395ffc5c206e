import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Engine, type EngineName, ENGINES } from "../../test/support/engines.ts";
import type { CarrierId, NodeId } from "../domain/ids.ts";
import { HOUR_MS, World } from "../store/contract/world.ts";
import type { Store } from "../store/store.ts";
import { createDispatch, type Dispatch } from "./dispatch.ts";
import { createWitness } from "./dispatch.fixture.ts";
import { ScriptedCarrier } from "./scripted-carrier.fixture.ts";

describe.each(Object.keys(ENGINES) as EngineName[])(
  "what waits for a carrier that is down, on %s",
  (name) => {
    let directory: string;
    let engine: Engine;
    let store: Store;
    const running: Dispatch[] = [];
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "msgbin-failover-"));
      engine = await ENGINES[name]();
      store = await engine.openStore(directory);
    });
    afterAll(async () => {
      await store.close();
      await engine[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    });
    afterEach(async () => {
      for (const dispatch of running.splice(0)) await dispatch.stop(0);
    });

    /** A node that sends for two carriers, the first of which has one bind slot. */
    async function serve(world: World, node: NodeId, other: CarrierId) {
      const { metrics, logger } = createWitness();
      const dispatch = createDispatch({
        store,
        node,
        clock: world.clock,
        monotonicMs: () => performance.now(),
        random: Math.random,
        countParts: ({ parts }) => parts,
        onReceipts: () => Promise.resolve(),
        onInbound: () => Promise.resolve(),
        metrics,
        logger,
        settings: { heartbeatMs: 20, leaseMs: HOUR_MS, pollMs: 20, failoverMs: 100 },
      });
      running.push(dispatch);
      const first = new ScriptedCarrier({ id: world.carrierId });
      const second = new ScriptedCarrier({ id: other, name: "south", slots: 2 });
      for (const carrier of [first, second]) dispatch.add(carrier);
      await dispatch.start();
      return { first, second };
    }

    it("goes to one that another node alone has up", async () => {
      const world = new World({
        store,
        reopen: () => Promise.reject(new Error("not here")),
        dispose: () => store.close(),
      });
      const other = world.id<CarrierId>();
      const here = await serve(world, world.node, other);
      for (const carrier of [here.first, here.second]) carrier.disconnect();
      const there = await serve(world, world.otherNode, other);
      await vi.waitFor(() => expect(there.second.lanes()).toHaveLength(1), { timeout: 50_000, interval: 5 });
      expect(there.first.lanes()).toEqual([]);
      const [key] = await world.accept({ fallbacks: [other] });
      const isSent = async () => expect(await world.statuses(key)).toEqual(["sent"]);
      await vi.waitFor(isSent, { timeout: 50_000, interval: 5 });
      expect(await world.trailOf(key)).toEqual(["carrier_down", "rerouted", "sent"]);
      expect(there.second.submissions).toHaveLength(1);
    });
  },
);
