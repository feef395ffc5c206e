import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { receiptKeys } from "../../domain/receipt-key.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** Receipts whose ids may be in another base than those that they answer. */
export function receiptBasesContract(open: OpenEngine): void {
  describe("receipts in another base", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const apply = async (...receipts: Parameters<World["receipt"]>[]) =>
      world.store.applyReceipts(receipts.map((receipt) => world.receipt(...receipt)));

    it("are not given to a message of the same handset when they repeat one of the id as it is", async () => {
      const [reported] = await world.inFlight();
      const [other] = await world.inFlight();
      await world.store.settleTargets([world.sent(reported, ["31"]), world.sent(other, ["1f"])]);
      const keys = receiptKeys("31", undefined);
      expect(keys).toContain("1f");
      expect(await apply(["-", { keys }])).toMatchObject([{ messageId: reported.messageId }]);
      expect(await apply(["-", { keys }])).toEqual([{ kind: "noted" }]);
      expect(await apply(["-", { keys }], ["-", { keys }])).toEqual([{ kind: "noted" }, { kind: "noted" }]);
      expect(await world.statuses(other)).toEqual(["sent"]);
      expect(await world.trailOf(reported)).toHaveLength(4);
    });

    it("are looked for by their second id when the first is of a part that was reported", async () => {
      const [key] = await world.inFlight({ parts: 2 });
      await world.store.settleTargets([world.sent(key, ["first", "second"])]);
      const second = receiptKeys("second", "first");
      expect(await apply(["first"], ["-", { keys: second }])).toMatchObject([
        { kind: "noted" },
        { kind: "applied", status: "delivered" },
      ]);
    });
  });
}
