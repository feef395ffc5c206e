import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CarrierId } from "../../domain/ids.ts";
import type { Wake } from "../store.ts";
import { HELD, type ContractEngine, HOUR_MS, keysOf, type OpenEngine, targetKey, World } from "./world.ts";

/** Claiming, marking, and what the queue says of itself. */
export function queueingContract(open: OpenEngine): void {
  describe("queueing", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const depth = async (carrierId = world.carrierId) =>
      (await world.store.queueDepths()).find((row) => row.carrierId === carrierId);

    it("hands out a target as it was queued", async () => {
      const fallbacks = [world.id<CarrierId>(), world.id<CarrierId>()];
      const entry = world.acceptance({ targets: 2, parts: 3, fallbacks, text: "ça va", priority: 0 });
      await world.store.acceptMessages([entry]);
      expect(await world.claim()).toEqual(entry.queue);
    });

    it("claims by priority, then by age, and no more than asked for", async () => {
      const order = [1, 2, 0, 1, 0] as const;
      const entries = order.map((priority) => world.acceptance({ priority }));
      await world.store.acceptMessages(entries.toReversed());
      const claimed = [...(await world.claim(2)), ...(await world.claim(2)), ...(await world.claim(2))];
      const wanted = [2, 4, 0, 3, 1].map((index) => entries[index]?.message.id);
      expect(claimed.map(({ messageId }) => messageId)).toEqual(wanted);
    });

    it("sees what is due and nothing else", async () => {
      const dueAt = world.in(HOUR_MS);
      await world.accept({ dueAt });
      expect(await world.claim()).toEqual([]);
      expect(await world.store.nextDueAt(world.carrierId)).toBe(dueAt);
      world.passes(HOUR_MS);
      expect(await world.claim()).toHaveLength(1);
      expect(await world.store.nextDueAt(world.carrierId)).toBeNull();
    });

    it("says the earliest due time over all priorities", async () => {
      const dueAt = world.in(1_000);
      await world.accept({ priority: 0, dueAt: world.in(5_000) });
      await world.accept({ priority: 2, dueAt });
      expect(await world.store.nextDueAt(world.carrierId)).toBe(dueAt);
    });

    it("gives every target to one claim alone", async () => {
      await world.accept({ targets: 100 });
      const claims = await Promise.all(Array.from({ length: 20 }, () => world.claim(10)));
      const numbers = claims.flat().map(({ n }) => n);
      expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    });

    it("keeps carriers apart", async () => {
      const other = world.id<CarrierId>();
      await world.accept({ carrierId: other });
      expect(await world.claim()).toEqual([]);
      expect(await world.claim(10, other)).toHaveLength(1);
    });

    it("does not queue what was settled at acceptance", async () => {
      const entry = world.acceptance({ targets: 2, leased: true });
      await world.store.acceptMessages([{ ...entry, queue: entry.queue.slice(1) }]);
      const [first, second] = keysOf(entry);
      const marks = [world.mark(first), world.mark(second ?? first)];
      expect(await world.store.markInFlight(marks)).toEqual([false, true]);
    });

    it("leaves handed-over targets to the node that has them", async () => {
      const [key] = await world.accept({ leased: true });
      expect(await world.claim()).toEqual([]);
      expect(await world.store.markInFlight([world.mark(key, { node: world.otherNode })])).toEqual([false]);
      expect(await world.store.markInFlight([world.mark(key)])).toEqual([true]);
    });

    it("hands over only what belongs to the named carriers", async () => {
      const other = world.id<CarrierId>();
      const entry = world.acceptance({ targets: 2, leased: true });
      const queue = entry.queue.map((target) => (target.n === 1 ? { ...target, carrierId: other } : target));
      await world.store.acceptMessages([{ ...entry, queue }]);
      expect(await world.claim()).toEqual([]);
      expect((await world.claim(10, other)).map(({ n }) => n)).toEqual([1]);
    });

    it("marks a target once, and only one that is leased", async () => {
      const [waiting] = await world.accept();
      const [leased] = await world.accept({ leased: true });
      const marks = [world.mark(waiting), world.mark(leased), world.mark(leased)];
      expect(await world.store.markInFlight(marks)).toEqual([false, true, false]);
    });

    it("marks nothing whose validity is over", async () => {
      const [key] = await world.accept({ leased: true, expiresAt: world.in(1_000) });
      world.passes(1_001);
      expect(await world.store.markInFlight([world.mark(key)])).toEqual([false]);
    });

    it("counts the attempts that were marked", async () => {
      const [key] = await world.inFlight();
      const retry = {
        outcome: "retry",
        dueAt: world.now(),
        partStates: "",
        receiptKeys: [null],
        receiptDueAt: null,
      } as const;
      await world.store.settleTargets([{ ...world.base(key), ...retry }]);
      const [again] = await world.claim();
      expect(again?.attempts).toBe(1);
      await world.store.markInFlight([world.mark(key)]);
      await world.store.settleTargets([{ ...world.base(key), ...retry }]);
      expect((await world.claim())[0]?.attempts).toBe(2);
    });

    it("counts what waits, what is in flight and what is held", async () => {
      expect(await depth()).toBeUndefined();
      const entry = world.acceptance({ targets: 3 });
      await world.store.acceptMessages([entry]);
      await world.accept({ leased: true });
      const dueAt = entry.queue[0]?.dueAt;
      expect(await depth()).toMatchObject({ waiting: 4, inFlight: 0, held: 0, oldestDueAt: dueAt });
      const claimed = await world.claim();
      await world.store.markInFlight(claimed.slice(0, 2).map((target) => world.mark(target)));
      expect(await depth()).toMatchObject({ waiting: 2, inFlight: 2, held: 0, oldestDueAt: null });
      const [first, second, third] = claimed.map((target) => world.base(targetKey(target)));
      if (first === undefined || second === undefined || third === undefined)
        throw new Error("three were claimed");
      await world.store.settleTargets([
        { ...first, ...HELD },
        { ...second, outcome: "failed", status: "failed", failure: null },
        { ...third, outcome: "released" },
      ]);
      expect(await depth()).toMatchObject({ waiting: 2, inFlight: 0, held: 1 });
    });

    it("counts alike after a restart", async () => {
      await world.accept({ targets: 3 });
      await world.inFlight();
      const before = await depth();
      await engine.reopen();
      expect(await depth()).toEqual(before);
    });

    it("wakes listeners when a target waits, and never loses the last of a burst", async () => {
      const wakes: Wake[] = [];
      let onWake: (() => void) | undefined;
      const stop = world.store.onWake((wake) => {
        if (wake.kind === "queue" && wake.carrierId === world.carrierId) wakes.push(wake);
        onWake?.();
      });
      const woken = (count: number) =>
        new Promise<void>((resolve) => {
          onWake = () => {
            if (wakes.length >= count) resolve();
          };
          onWake();
        });
      await world.accept();
      await woken(1);
      await Promise.all(Array.from({ length: 20 }, () => world.accept()));
      await woken(2);
      stop();
      const before = wakes.length;
      await world.accept();
      await world.store.probe();
      expect(wakes.length).toBe(before);
      expect(before).toBeLessThan(21);
    });
  });
}
