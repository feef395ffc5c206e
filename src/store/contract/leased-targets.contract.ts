import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TargetKey } from "../../domain/message.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** What a node may ask about what the store leases to it. */
export function leasedTargetsContract(open: OpenEngine): void {
  describe("asking what is leased", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    it("tells what is leased to a node or marked by it, page by page", async () => {
      const { carrierId, node, otherNode } = world;
      const unmarked = await world.accept({ leased: true, targets: 3 });
      const marked = await world.inFlight({ targets: 2 });
      const keys = [...unmarked, ...marked].map((key) => ({ ...key, markedAt: world.base(key).markedAt }));
      expect(keys.map(({ markedAt }) => markedAt === null)).toEqual([true, true, true, false, false]);
      await world.accept(); // waits for whoever claims it
      await world.sentMessage("settled");
      const leased = (after: TargetKey | null, limit: number) =>
        world.store.leasedTargets({ carrierId, node, after, limit });
      expect(await leased(null, 100)).toEqual(keys);
      const first = await leased(null, 2);
      expect(first).toEqual(keys.slice(0, 2));
      expect(await leased(first.at(-1) ?? null, 2)).toEqual(keys.slice(2, 4));
      expect(await leased(keys.at(-1) ?? null, 2)).toEqual([]);
      const query = { carrierId, after: null, limit: 100 };
      expect(await world.store.leasedTargets({ ...query, node: otherNode })).toEqual([]);
    });
  });
}
