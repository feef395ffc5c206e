import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RecoveryRequest } from "../queueing.ts";
import { HELD, type ContractEngine, DAY_MS, HOUR_MS, type OpenEngine, World } from "./world.ts";

/** What a dead process leaves behind (promise P3). */
export function recoveringContract(open: OpenEngine): void {
  describe("recovering", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const recover = (wishes: Partial<RecoveryRequest> = {}) => {
      const { carrierId, otherNode } = world;
      const request = {
        carrierId,
        liveNodes: [otherNode],
        policy: "resend",
        now: world.now(),
        limit: 100,
      } as const;
      return world.store.recoverTargets({ ...request, ...wishes });
    };

    it("puts back what was leased and never marked", async () => {
      const [key] = await world.accept({ leased: true });
      expect(await recover()).toEqual({ released: 1, unknown: 0, more: false });
      expect((await world.claim())[0]).toMatchObject({ messageId: key.messageId, attempts: 0 });
      expect(await world.trailOf(key)).toEqual([]);
    });

    it("sends again what was in flight, says so on its trail, and counts the attempt", async () => {
      const [key] = await world.inFlight();
      expect(await recover()).toEqual({ released: 0, unknown: 1, more: false });
      const [trail] = (await world.store.getTrails(key)) ?? [];
      const { node, carrierId } = world;
      expect(trail).toMatchObject([
        { what: "in_flight_at_crash", node, carrier: carrierId, bind: 0, attempt: 1 },
      ]);
      expect((await world.claim())[0]).toMatchObject({ messageId: key.messageId, attempts: 1 });
    });

    it("holds what was in flight when that is the policy", async () => {
      const [key] = await world.inFlight();
      const [leased] = await world.accept({ leased: true });
      expect(await recover({ policy: "hold" })).toEqual({ released: 1, unknown: 1, more: false });
      expect((await world.claim()).map(({ messageId }) => messageId)).toEqual([leased.messageId]);
      expect(await world.trailOf(key)).toEqual(["in_flight_at_crash", "held"]);
      const depths = await world.store.queueDepths();
      expect(depths.find(({ carrierId }) => carrierId === world.carrierId)).toMatchObject({
        held: 1,
        inFlight: 0,
      });
    });

    it("leaves the targets of living nodes alone", async () => {
      await world.inFlight();
      const none = { released: 0, unknown: 0, more: false };
      expect(await recover({ liveNodes: [world.node, world.otherNode] })).toEqual(none);
      expect(await world.claim()).toEqual([]);
    });

    it("leaves other carriers alone", async () => {
      await world.inFlight();
      const other = new World(engine);
      expect(await recover({ carrierId: other.carrierId })).toEqual({ released: 0, unknown: 0, more: false });
      expect(await world.claim()).toEqual([]);
    });

    it("recovers in slices of the limit", async () => {
      await world.inFlight({ targets: 25 });
      const results = [
        await recover({ limit: 10 }),
        await recover({ limit: 10 }),
        await recover({ limit: 10 }),
      ];
      expect(results.map(({ unknown }) => unknown)).toEqual([10, 10, 5]);
      expect(results.map(({ more }) => more)).toEqual([true, true, false]);
    });

    it("makes the dead node's settlement stale and its mark void", async () => {
      const [marked] = await world.inFlight();
      const [leased] = await world.accept({ leased: true });
      await recover();
      expect(await world.store.settleTargets([world.sent(marked, [null])])).toEqual([{ kind: "stale" }]);
      expect(await world.store.markInFlight([world.mark(leased)])).toEqual([false]);
    });

    it("keeps the parts that were taken before", async () => {
      const [key] = await world.inFlight({ parts: 2 });
      const partly = {
        partStates: "sq",
        receiptKeys: ["before-crash", null],
        receiptDueAt: world.in(DAY_MS),
      } as const;
      await world.store.settleTargets([
        { ...world.base(key), outcome: "retry", dueAt: world.now(), ...partly },
      ]);
      await world.claim();
      await world.store.markInFlight([world.mark(key)]);
      await recover();
      expect((await world.claim())[0]).toMatchObject({ partStates: "sq", attempts: 2 });
    });

    it("puts back what is released, and a mark of it does not count", async () => {
      const [key] = await world.inFlight();
      await world.store.settleTargets([{ ...world.base(key), outcome: "released" }]);
      expect((await world.claim())[0]).toMatchObject({ messageId: key.messageId, attempts: 0 });
      expect(await world.trailOf(key)).toEqual([]);
    });

    it("finds every state as it was after a restart", async () => {
      const [waiting] = await world.accept({ dueAt: world.now() });
      const [later] = await world.accept({ dueAt: world.in(HOUR_MS) });
      const [leased] = await world.accept({ leased: true });
      const [marked] = await world.inFlight();
      const [held] = await world.inFlight();
      await world.store.settleTargets([{ ...world.base(held), ...HELD }]);
      const [sent] = await world.sentMessage("over-restart");
      const [deleted] = await world.accept();
      await world.store.deleteMessages([{ ...deleted, at: world.now(), eventId: world.id() }]);
      await engine.reopen();
      expect(await recover()).toEqual({ released: 1, unknown: 1, more: false });
      const claimed = (await world.claim()).map(({ messageId }) => messageId);
      const wanted = [waiting, leased, marked, deleted].map(({ messageId }) => messageId);
      expect(claimed.toSorted()).toEqual(wanted.toSorted());
      expect(await world.store.nextDueAt(world.carrierId)).not.toBeNull();
      expect(await world.trailOf(marked)).toEqual(["in_flight_at_crash"]);
      expect(await world.statuses(later)).toEqual(["queued"]);
      expect(await world.store.applyReceipts([world.receipt("over-restart-0")])).toMatchObject([
        { kind: "applied" },
      ]);
      expect(await world.statuses(sent)).toEqual(["delivered"]);
      expect(await world.statuses(held)).toEqual(["queued"]);
      expect(await world.store.getMessage(deleted)).toBeNull();
    });
  });
}
