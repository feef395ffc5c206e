import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Engine, type EngineName, ENGINES } from "../../test/support/engines.ts";
import type { CarrierId } from "../domain/ids.ts";
import type { TargetKey } from "../domain/message.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { HOUR_MS, World } from "../store/contract/world.ts";
import type { Store } from "../store/store.ts";
import { createDispatch, type Dispatch } from "./dispatch.ts";
import { createWitness } from "./dispatch.fixture.ts";
import { ScriptedCarrier } from "./scripted-carrier.fixture.ts";

describe.each(Object.keys(ENGINES) as EngineName[])("what is left at a removed carrier, on %s", (name) => {
  let directory: string;
  let engine: Engine;
  let store: Store;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "msgbin-leftovers-"));
    engine = await ENGINES[name]();
    store = await engine.openStore(directory);
  });
  afterAll(async () => {
    await store.close();
    await engine[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  /** Its carrier was removed. */
  let world: World;
  let running: Dispatch[];
  beforeEach(() => {
    world = new World({
      store,
      reopen: () => Promise.reject(new Error("not here")),
      dispose: () => store.close(),
    });
    running = [];
  });
  afterEach(async () => {
    for (const dispatch of running) await dispatch.stop(0);
  });

  /** A node that sends for one carrier, which takes everything. */
  async function serve(gone?: ScriptedCarrier, from: Store = store) {
    const { metrics, logger, counts } = createWitness();
    const carrier = new ScriptedCarrier({ id: world.id<CarrierId>() });
    const dispatch = createDispatch({
      store: from,
      node: world.otherNode,
      clock: world.clock,
      monotonicMs: () => performance.now(),
      random: Math.random,
      countParts: ({ parts }, id) => (id === carrier.id ? parts + 1 : null),
      onReceipts: () => Promise.resolve(),
      onInbound: () => Promise.resolve(),
      metrics,
      logger,
      settings: { heartbeatMs: 20, strayLookMs: 100 },
    });
    running.push(dispatch);
    dispatch.add(carrier);
    if (gone !== undefined) dispatch.add(gone);
    await dispatch.start();
    if (gone !== undefined) await dispatch.remove(gone.id);
    return { carrier, dispatch, counts };
  }

  async function untilStatus(key: TargetKey, status: string): Promise<void> {
    await vi.waitFor(async () => expect((await world.statuses(key))[key.n]).toBe(status), {
      timeout: 55_000,
      interval: 5,
    });
  }

  /** A node dies with a target in flight and one that it has not marked; answers when the latter is sent by another carrier. */
  async function dieInFlight(gone?: ScriptedCarrier) {
    await store.heartbeat(world.node, world.now(), world.in(HOUR_MS));
    const { carrier, counts } = await serve(gone);
    const wishes = { fallbacks: [carrier.id], expiresAt: world.in(HOUR_MS) };
    const [marked] = await world.inFlight(wishes);
    const [leased] = await world.accept({ ...wishes, leased: true });
    await store.releaseBinds(world.node, null);
    await untilStatus(leased, "sent");
    return { marked, carrier, counts };
  }

  it("is sent by the first of its other carriers that there is", async () => {
    const { carrier } = await serve();
    const fallbacks = [world.id<CarrierId>(), carrier.id];
    const [key, second] = await world.accept({ fallbacks, targets: 2 });
    await untilStatus(key, "sent");
    await untilStatus(second ?? key, "sent");
    expect(await world.trailOf(key)).toEqual(["carrier_removed", "rerouted", "sent"]);
    expect(carrier.submissions.map(({ target }) => [target.n, target.parts, target.fallbacks])).toEqual([
      [0, 2, []],
      [1, 2, []],
    ]);
    expect(await store.leftoverCarriers()).toEqual([]);
  });

  it("has failed when there is no other, and its end is told", async () => {
    const { id } = await world.endpoint({ events: ["message_updated"] });
    await serve();
    const [key] = await world.accept({ fallbacks: [world.id<CarrierId>()] });
    await untilStatus(key, "failed");
    const message = await store.getMessage(key);
    expect(message?.targets[0]?.failure).toMatchObject({ code: "no_route", carrierCode: "" });
    expect(await world.trailOf(key)).toEqual(["carrier_removed"]);
    expect((await world.deliveries(id)).map(({ messageId }) => messageId)).toEqual([key.messageId]);
  });

  it("waits until it is due, and can be canceled until then", async () => {
    await serve();
    const [later] = await world.accept({ dueAt: world.in(HOUR_MS) });
    const [due] = await world.accept();
    await untilStatus(due, "failed");
    expect(await world.statuses(later)).toEqual(["queued"]);
    const [result] = await store.cancelMessages([{ ...later, at: world.now(), eventId: world.id() }]);
    expect(result).toMatchObject({ canceled: [0] });
  });

  describe("by a node that died", () => {
    it("is sent again by the next carrier where the policy was to resend", async () => {
      const gone = new ScriptedCarrier({ id: world.carrierId, name: "gone" });
      const { marked, counts } = await dieInFlight(gone);
      await untilStatus(marked, "sent");
      const trail = ["in_flight_at_crash", "carrier_removed", "rerouted", "sent"];
      expect(await world.trailOf(marked)).toEqual(trail);
      expect(counts.get("msgbin_unknown_outcomes_total gone")).toBe(1);
    });

    it("is held until its time is over where the policy was to hold", async () => {
      const gone = new ScriptedCarrier({ id: world.carrierId, name: "gone", onUnknownOutcome: "hold" });
      const { marked, carrier, counts } = await dieInFlight(gone);
      expect(await world.trailOf(marked)).toEqual(["in_flight_at_crash", "held"]);
      expect(counts.get("msgbin_unknown_outcomes_total gone")).toBe(1);
      world.passes(HOUR_MS);
      await store.expire({ now: world.now(), limit: 100 });
      expect(await world.statuses(marked)).toEqual(["dlr_timeout"]);
      expect(carrier.submissions).toHaveLength(1);
    });

    it("is held where no node knows the policy any more", async () => {
      const { marked, carrier, counts } = await dieInFlight();
      expect(await world.trailOf(marked)).toEqual(["in_flight_at_crash", "held"]);
      expect(counts.get("msgbin_unknown_outcomes_total removed")).toBe(1);
      expect(carrier.submissions).toHaveLength(1);
    });
  });

  it("goes on though the answer to its claim was lost", async () => {
    let lost = 0;
    const claimTargets: Store["claimTargets"] = async (request) => {
      const claimed = await store.claimTargets(request);
      if (claimed.length === 0 || lost > 0) return claimed;
      lost = claimed.length;
      throw new StoreUnavailable("outcome_unknown", "the answer was lost");
    };
    const losing = new Proxy(store, {
      get(target, method) {
        const own: unknown = method === "claimTargets" ? claimTargets : Reflect.get(target, method);
        return typeof own === "function" ? (own.bind(target) as unknown) : own;
      },
    });
    await serve(undefined, losing);
    const [key] = await world.accept();
    await untilStatus(key, "failed");
    expect(lost).toBe(1);
  });

  it("is left to the node that has it, and goes on once that gives it back", async () => {
    await store.heartbeat(world.node, world.now(), world.in(HOUR_MS));
    await serve();
    const [had] = await world.inFlight();
    const [due] = await world.accept();
    await untilStatus(due, "failed");
    expect(await world.statuses(had)).toEqual(["queued"]);
    await store.settleTargets([{ ...world.base(had), outcome: "released" }]);
    await untilStatus(had, "failed");
  });
});
