import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TargetKey } from "../../domain/message.ts";
import { HELD, type ContractEngine, type OpenEngine, World } from "./world.ts";

const DAY_MS = 86_400_000;

/** What is known of a target that is held: parts that were answered before the outcome of another was lost. */
export function holdingContract(open: OpenEngine): void {
  describe("a held target of several parts", () => {
    let engine: ContractEngine;
    let world: World;
    beforeEach(async () => {
      engine = await open();
      world = new World(engine);
    });
    afterEach(() => engine.dispose());

    /** Three parts, the first two of them answered; the third one's outcome is unknown. */
    async function held(): Promise<TargetKey> {
      const [key] = await world.inFlight({ parts: 3 });
      const answered = { partStates: "ssq", receiptKeys: ["p0", "p1", null], receiptDueAt: world.in(DAY_MS) };
      const settlement = { ...world.base(key), ...HELD, ...answered };
      expect(await world.store.settleTargets([settlement])).toEqual([{ kind: "applied", status: "queued" }]);
      return key;
    }

    it("fails with the receipt of a part that was answered", async () => {
      const key = await held();
      await world.store.applyReceipts([world.receipt("p1", { state: "failed" })]);
      expect(await world.statuses(key)).toEqual(["failed"]);
      expect(await world.store.queueDepths()).toMatchObject([{ waiting: 0, inFlight: 0, held: 0 }]);
    });

    it("does not become delivered, nor is it claimed, while a part's outcome is unknown", async () => {
      const key = await held();
      await world.store.applyReceipts([world.receipt("p0"), world.receipt("p1")]);
      expect(await world.statuses(key)).toEqual(["queued"]);
      expect(await world.claim()).toEqual([]);
    });

    it("finds the receipt that came before it was held", async () => {
      const [key] = await world.inFlight({ parts: 2 });
      await world.store.applyReceipts([world.receipt("early", { state: "failed" })]);
      const answered = { partStates: "sq", receiptKeys: ["early", null], receiptDueAt: world.in(DAY_MS) };
      await world.store.settleTargets([{ ...world.base(key), ...HELD, ...answered }]);
      expect(await world.statuses(key)).toEqual(["failed"]);
      expect(await world.store.queueDepths()).toMatchObject([{ waiting: 0, inFlight: 0, held: 0 }]);
    });
  });
}
