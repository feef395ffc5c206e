import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ContractEngine, HOUR_MS, type OpenEngine, World } from "./world.ts";

/** Opening, closing, and the store as a whole. */
export function operatingContract(open: OpenEngine): void {
  describe("operating", () => {
    let engine: ContractEngine;
    let world: World;
    beforeEach(async () => {
      engine = await open();
      world = new World(engine);
    });
    afterEach(() => engine.dispose());

    it("says whether it can write", async () => {
      await expect(world.store.probe()).resolves.toBeUndefined();
    });

    it("finishes what was handed in before it closes, and takes nothing after", async () => {
      const entries = Array.from({ length: 100 }, () => world.acceptance());
      const accepted = Promise.all(entries.map((entry) => world.store.acceptMessages([entry])));
      const { store } = world;
      const closed = store.close();
      const late = store.acceptMessages([world.acceptance()]);
      await expect(late).rejects.toMatchObject({ name: "StoreUnavailable", reason: "closed" });
      expect((await accepted).flat()).toHaveLength(100);
      await closed;
      await store.close();
      await engine.reopen();
      expect(await world.claim()).toHaveLength(100);
    });

    it("answers an empty batch with an empty one", async () => {
      const { store } = world;
      expect(await store.acceptMessages([])).toEqual([]);
      expect(await store.markInFlight([])).toEqual([]);
      expect(await store.settleTargets([])).toEqual([]);
      expect(await store.applyReceipts([])).toEqual([]);
      expect(await store.deleteMessages([])).toEqual([]);
      await store.settleDeliveries([]);
    });

    it("refuses what it cannot write and goes on with everything else", async () => {
      const good = world.acceptance();
      const under = (key: string) => {
        const idempotency = { key, fingerprint: "f", answer: "{}", expiresAt: world.in(HOUR_MS) };
        return world.store.acceptMessages([{ ...good, idempotency }]);
      };
      const [twice, again] = [under("one"), under("two")];
      const other = world.acceptance();
      const results = await Promise.allSettled([twice, again, world.store.acceptMessages([other])]);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(await world.claim()).toHaveLength(2);
    });
  });
}
