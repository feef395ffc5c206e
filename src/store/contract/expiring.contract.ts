import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HELD, type ContractEngine, DAY_MS, HOUR_MS, type OpenEngine, World } from "./world.ts";

const MINUTE_MS = 60_000;

/** What runs out of time. An engine for each test: the sweep sees everything. */
export function expiringContract(open: OpenEngine): void {
  describe("expiring", () => {
    let engine: ContractEngine;
    let world: World;
    beforeEach(async () => {
      engine = await open();
      world = new World(engine);
    });
    afterEach(() => engine.dispose());

    const sweep = (limit = 1_000) => world.store.expire({ now: world.now(), limit });
    const nothing = { gwTimeouts: 0, dlrTimeouts: 0, unmatchedReceipts: 0, idempotencyKeys: 0, more: false };

    it("ends waiting targets whose validity is over, and tells of it", async () => {
      const { id } = await world.endpoint({ events: ["message_updated"] });
      const [key] = await world.accept({ expiresAt: world.in(HOUR_MS) });
      await world.accept({ expiresAt: world.in(DAY_MS) });
      expect(await sweep()).toEqual(nothing);
      world.passes(HOUR_MS);
      expect(await sweep()).toEqual({ ...nothing, gwTimeouts: 1 });
      const message = await world.store.getMessage(key);
      expect(message?.targets[0]).toMatchObject({ status: "gw_timeout", failure: { code: "expired" } });
      expect(await world.trailOf(key)).toEqual(["expired"]);
      expect((await world.deliveries(id)).map(({ messageId }) => messageId)).toEqual([key.messageId]);
      expect(await world.claim()).toHaveLength(1);
      expect(await sweep()).toEqual(nothing);
    });

    it("ends targets that a node has and never marked; their marks are refused", async () => {
      const [key] = await world.accept({ leased: true, expiresAt: world.in(HOUR_MS) });
      world.passes(HOUR_MS);
      expect(await sweep()).toEqual({ ...nothing, gwTimeouts: 1 });
      expect(await world.store.markInFlight([world.mark(key)])).toEqual([false]);
      expect(await world.statuses(key)).toEqual(["gw_timeout"]);
    });

    it("leaves alone what is in flight", async () => {
      const [key] = await world.inFlight({ expiresAt: world.in(HOUR_MS) });
      world.passes(HOUR_MS);
      expect(await sweep()).toEqual(nothing);
      expect(await world.store.settleTargets([world.sent(key, ["x"])])).toEqual([
        { kind: "applied", status: "sent" },
      ]);
    });

    it("ends a held target as dlr_timeout: nobody knows what became of it", async () => {
      const [key] = await world.inFlight({ expiresAt: world.in(HOUR_MS) });
      await world.store.settleTargets([{ ...world.base(key), ...HELD }]);
      world.passes(HOUR_MS);
      expect(await sweep()).toEqual({ ...nothing, dlrTimeouts: 1 });
      expect(await world.statuses(key)).toEqual(["dlr_timeout"]);
    });

    it("ends a sent target whose receipt is overdue", async () => {
      const [key] = await world.inFlight();
      await world.store.settleTargets([world.sent(key, ["k"], { receiptDueAt: world.in(HOUR_MS) })]);
      const [silent] = await world.inFlight();
      await world.store.settleTargets([world.sent(silent, [null], { receiptDueAt: null })]);
      world.passes(HOUR_MS);
      expect(await sweep()).toEqual({ ...nothing, dlrTimeouts: 1 });
      expect(await world.statuses(key)).toEqual(["dlr_timeout"]);
      expect(await world.statuses(silent)).toEqual(["sent"]);
      expect(await sweep()).toEqual(nothing);
    });

    it("ends a message of several parts once", async () => {
      const [key] = await world.inFlight({ parts: 3 });
      await world.store.settleTargets([
        world.sent(key, ["a", "b", "c"], { receiptDueAt: world.in(HOUR_MS) }),
      ]);
      await world.store.applyReceipts([world.receipt("b")]);
      world.passes(HOUR_MS);
      expect(await sweep()).toEqual({ ...nothing, dlrTimeouts: 1 });
      expect(await world.statuses(key)).toEqual(["dlr_timeout"]);
    });

    it("waits for the receipt of a part while the rest is still to be sent", async () => {
      const [key] = await world.inFlight({ parts: 2 });
      const partly = {
        partStates: "sq",
        receiptKeys: ["only", null],
        receiptDueAt: world.in(HOUR_MS),
      } as const;
      await world.store.settleTargets([
        { ...world.base(key), outcome: "retry", dueAt: world.now(), ...partly },
      ]);
      world.passes(HOUR_MS);
      expect(await sweep()).toEqual(nothing);
      expect(await world.statuses(key)).toEqual(["queued"]);
      expect(await world.store.applyReceipts([world.receipt("only")])).toEqual([{ kind: "noted" }]);
    });

    it("does not time out a target that was delivered", async () => {
      const [key] = await world.inFlight();
      await world.store.settleTargets([world.sent(key, ["d"], { receiptDueAt: world.in(HOUR_MS) })]);
      await world.store.applyReceipts([world.receipt("d")]);
      world.passes(30 * DAY_MS);
      expect(await sweep()).toEqual(nothing);
      expect(await world.statuses(key)).toEqual(["delivered"]);
    });

    it("forgets an overdue receipt's key in the end", async () => {
      const [key] = await world.inFlight();
      await world.store.settleTargets([world.sent(key, ["old"], { receiptDueAt: world.in(HOUR_MS) })]);
      world.passes(HOUR_MS);
      await sweep();
      world.passes(30 * DAY_MS);
      await sweep();
      expect(await world.store.applyReceipts([world.receipt("old")])).toEqual([{ kind: "parked" }]);
      expect(await world.statuses(key)).toEqual(["dlr_timeout"]);
    });

    it("keeps an unmatched receipt for ten minutes at least, then counts it once", async () => {
      await world.store.applyReceipts([world.receipt("a", { keys: ["a", "b", "c"] }), world.receipt("d")]);
      world.passes(10 * MINUTE_MS);
      expect(await sweep()).toEqual(nothing);
      world.passes(HOUR_MS);
      expect(await sweep()).toEqual({ ...nothing, unmatchedReceipts: 2 });
      expect(await sweep()).toEqual(nothing);
    });

    it("drops idempotency keys that have expired", async () => {
      const idempotency = { key: "k", fingerprint: "f", answer: "a", expiresAt: world.in(HOUR_MS) };
      await world.accept({ idempotency });
      await world.accept({ idempotency: { ...idempotency, key: "l", expiresAt: world.in(DAY_MS) } });
      world.passes(HOUR_MS);
      expect(await sweep()).toEqual({ ...nothing, idempotencyKeys: 1 });
      expect(await world.store.findIdempotent(world.customerId, "l", world.now())).not.toBeNull();
    });

    it("does at most the limit of each kind, and says when there is more", async () => {
      await world.accept({ targets: 25, expiresAt: world.in(HOUR_MS) });
      world.passes(HOUR_MS);
      const results = [await sweep(10), await sweep(10), await sweep(10), await sweep(10)];
      expect(results.map(({ gwTimeouts }) => gwTimeouts)).toEqual([10, 10, 5, 0]);
      expect(results.map(({ more }) => more)).toEqual([true, true, false, false]);
    });

    it("sweeps alike after a restart", async () => {
      await world.accept({ leased: true, expiresAt: world.in(HOUR_MS) });
      await world.accept({ expiresAt: world.in(HOUR_MS) });
      world.passes(HOUR_MS);
      await engine.reopen();
      expect(await sweep()).toEqual({ ...nothing, gwTimeouts: 2 });
    });
  });
}
