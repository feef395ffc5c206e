import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CarrierId } from "../../domain/ids.ts";
import { HELD, type ContractEngine, DAY_MS, HOUR_MS, type OpenEngine, World } from "./world.ts";

/** How attempts end. */
export function settlingContract(open: OpenEngine): void {
  describe("settling", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    it("moves a sent target on, with its time and its trail", async () => {
      const [key] = await world.inFlight();
      const settlement = world.sent(key, ["a"]);
      const trail = [
        { at: settlement.at, what: "sent", carrier: "c", bind: 0, attempt: 1, tookMs: 7, words: "id:a" },
      ];
      expect(await world.store.settleTargets([{ ...settlement, trail }])).toEqual([
        { kind: "applied", status: "sent" },
      ]);
      const message = await world.store.getMessage(key);
      expect(message?.targets[0]).toMatchObject({ status: "sent", tmUpdate: settlement.at });
      expect(message?.tmUpdate).toBe(settlement.at);
      expect(await world.store.getTrails(key)).toEqual([trail]);
      expect(await world.claim()).toEqual([]);
    });

    it("answers stale, and writes nothing, when the node does not have the target", async () => {
      const [waiting] = await world.accept();
      const [foreign] = await world.inFlight();
      const settlements = [
        world.sent(waiting, [null]),
        { ...world.sent(foreign, [null]), node: world.otherNode },
        { ...world.base(waiting), outcome: "released" },
        { ...world.base(waiting), ...HELD },
        { ...world.base(waiting), outcome: "failed", status: "failed", failure: null },
      ] as const;
      const results = await world.store.settleTargets(settlements);
      expect(results.map(({ kind }) => kind)).toEqual(["stale", "stale", "stale", "stale", "stale"]);
      expect(await world.statuses(waiting)).toEqual(["queued"]);
      expect(await world.statuses(foreign)).toEqual(["queued"]);
    });

    it("settles a target once", async () => {
      const [key] = await world.inFlight();
      await world.store.settleTargets([world.sent(key, ["twice"])]);
      expect(await world.store.settleTargets([world.sent(key, ["twice"])])).toEqual([{ kind: "stale" }]);
    });

    it("finds the receipt of a stale settlement that was sent all the same", async () => {
      const [key] = await world.inFlight();
      const { carrierId, otherNode } = world;
      const recovery = {
        carrierId,
        liveNodes: [otherNode],
        policy: "resend",
        now: world.now(),
        limit: 10,
      } as const;
      await world.store.recoverTargets(recovery);
      expect(await world.store.settleTargets([world.sent(key, ["late-settle"])])).toEqual([
        { kind: "stale" },
      ]);
      const [outcome] = await world.store.applyReceipts([world.receipt("late-settle")]);
      expect(outcome).toMatchObject({ kind: "applied", status: "delivered" });
      expect(await world.claim()).toEqual([]);
    });

    it("puts a target back for later, with nothing that a client sees", async () => {
      const [key] = await world.inFlight();
      const dueAt = world.in(HOUR_MS);
      const trail = [{ at: world.now(), what: "refused", words: "throttled" }];
      const results = await world.store.settleTargets([
        {
          ...world.base(key),
          trail,
          outcome: "retry",
          dueAt,
          partStates: "",
          receiptKeys: [null],
          receiptDueAt: null,
        },
      ]);
      expect(results).toEqual([{ kind: "applied", status: "queued" }]);
      expect(await world.claim()).toEqual([]);
      expect(await world.store.nextDueAt(world.carrierId)).toBe(dueAt);
      expect((await world.store.getMessage(key))?.tmUpdate).toBeNull();
      expect(await world.trailOf(key)).toEqual(["refused"]);
    });

    it("does not send again the parts that were taken, and hears of them", async () => {
      const [key] = await world.inFlight({ parts: 3 });
      const retry = { outcome: "retry", receiptDueAt: world.in(DAY_MS) } as const;
      const first = { partStates: "qsq", receiptKeys: [null, "p1", null], dueAt: world.now() } as const;
      await world.store.settleTargets([{ ...world.base(key), ...retry, ...first }]);
      await world.store.applyReceipts([world.receipt("p1")]);
      expect((await world.claim())[0]).toMatchObject({ parts: 3, partStates: "qdq" });
      await world.store.markInFlight([world.mark(key)]);
      const sent = world.sent(key, ["p0", null, "p2"]);
      expect(await world.store.settleTargets([sent])).toEqual([{ kind: "applied", status: "sent" }]);
      await world.store.applyReceipts([world.receipt("p2")]);
      expect(await world.statuses(key)).toEqual(["sent"]);
      await world.store.applyReceipts([world.receipt("p0")]);
      expect(await world.statuses(key)).toEqual(["delivered"]);
    });

    it("keeps what a receipt said of a part when a later attempt counts it as taken", async () => {
      const [key] = await world.inFlight({ parts: 2 });
      const retry = { outcome: "retry", receiptDueAt: world.in(DAY_MS), dueAt: world.now() } as const;
      await world.store.settleTargets([
        { ...world.base(key), ...retry, partStates: "sq", receiptKeys: ["x0", null] },
      ]);
      await world.claim();
      await world.store.markInFlight([world.mark(key)]);
      await world.store.applyReceipts([world.receipt("x0")]);
      await world.store.settleTargets([
        { ...world.base(key), ...retry, partStates: "sq", receiptKeys: [null, null] },
      ]);
      expect((await world.claim())[0]?.partStates).toBe("dq");
    });

    it("withdraws a released mark: due at once, and the attempt does not count", async () => {
      const [key] = await world.inFlight();
      const results = await world.store.settleTargets([{ ...world.base(key), outcome: "released" }]);
      expect(results).toEqual([{ kind: "applied", status: "queued" }]);
      const [again] = await world.claim();
      expect(again).toMatchObject({ messageId: key.messageId, attempts: 0 });
    });

    it("takes back a target that was handed over and never marked", async () => {
      const [key] = await world.accept({ leased: true });
      await world.store.settleTargets([{ ...world.base(key), outcome: "released" }]);
      expect((await world.claim())[0]).toMatchObject({ messageId: key.messageId, attempts: 0 });
    });

    it("gives a target to another carrier, with its parts counted anew", async () => {
      const [next, last] = [world.id<CarrierId>(), world.id<CarrierId>()];
      const [key] = await world.inFlight({ parts: 1, fallbacks: [next, last] });
      const rerouted = { outcome: "rerouted", nextCarrierId: next, fallbacks: [last], parts: 2 } as const;
      const settlement = { ...world.base(key), ...rerouted, dueAt: world.now() };
      expect(await world.store.settleTargets([settlement])).toEqual([{ kind: "applied", status: "queued" }]);
      expect(await world.claim()).toEqual([]);
      const [claimed] = await world.claim(10, next);
      expect(claimed).toMatchObject({
        carrierId: next,
        fallbacks: [last],
        parts: 2,
        partStates: "",
      });
      const message = await world.store.getMessage(key);
      expect(message?.targets[0]).toMatchObject({ status: "queued", parts: 2, tmUpdate: settlement.at });
    });

    it("holds a target of unknown outcome: nobody claims it", async () => {
      const [key] = await world.inFlight();
      const trail = [{ at: world.now(), what: "held" }];
      const results = await world.store.settleTargets([{ ...world.base(key), trail, ...HELD }]);
      expect(results).toEqual([{ kind: "applied", status: "queued" }]);
      expect(await world.claim()).toEqual([]);
      expect(await world.store.nextDueAt(world.carrierId)).toBeNull();
      expect(await world.trailOf(key)).toEqual(["held"]);
    });

    it.each(["failed", "gw_timeout", "canceled"] as const)(
      "ends a target as %s, with its reason",
      async (status) => {
        const [key] = await world.inFlight();
        const failure = {
          code: "invalid_destination",
          carrierCode: "0x0000000b",
          message: "No such number.",
        } as const;
        const settlement = { ...world.base(key), outcome: "failed", status, failure } as const;
        expect(await world.store.settleTargets([settlement])).toEqual([{ kind: "applied", status }]);
        const message = await world.store.getMessage(key);
        expect(message?.targets[0]).toMatchObject({ status, failure, tmUpdate: settlement.at });
        expect(await world.claim()).toEqual([]);
      },
    );

    it("settles many at once, answered in their order", async () => {
      const keys = await world.inFlight({ targets: 50 });
      const [waiting] = await world.accept();
      const settlements = [
        ...keys.map((key) => world.sent(key, [`many-${key.n}`])),
        world.sent(waiting, [null]),
      ];
      const results = await world.store.settleTargets(settlements);
      expect(results.slice(0, 50).every((result) => result.kind === "applied")).toBe(true);
      expect(results.at(50)).toEqual({ kind: "stale" });
    });
  });
}
