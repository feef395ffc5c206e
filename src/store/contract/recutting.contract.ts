import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ContractEngine, DAY_MS, type OpenEngine, partKeys, World } from "./world.ts";

/** Texts are cut when they are sent, by settings that may have changed since their parts were counted. */
export function recuttingContract(open: OpenEngine): void {
  describe("recutting", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const CASES = [
      [1, 3],
      [3, 1],
      [3, 2],
    ] as const;

    it.each(CASES)(
      "has %i counted parts as the %i that were taken, and waits for those",
      async (counted, taken) => {
        const { id } = await world.endpoint({ events: ["message_updated"] });
        const [key] = await world.inFlight({ parts: counted });
        const names = partKeys(world.id(), taken);
        const sent = world.sent(key, names);
        expect(await world.store.settleTargets([sent])).toEqual([{ kind: "applied", status: "sent" }]);
        const message = await world.store.getMessage(key);
        expect(message?.targets[0]).toMatchObject({ status: "sent", parts: taken, tmUpdate: sent.at });
        expect((await world.deliveries(id)).map(({ messageId }) => messageId)).toEqual([key.messageId]);
        for (const [index, name] of names.entries()) {
          expect(await world.statuses(key), `before receipt ${index}`).toEqual(["sent"]);
          await world.store.applyReceipts([world.receipt(name)]);
        }
        expect(await world.statuses(key)).toEqual(["delivered"]);
      },
    );

    it.each(CASES)(
      "ends %i counted and %i taken parts by receipts that came before",
      async (counted, taken) => {
        const [key] = await world.inFlight({ parts: counted });
        const names = partKeys(world.id(), taken);
        await world.store.applyReceipts(names.map((name) => world.receipt(name)));
        await world.store.settleTargets([world.sent(key, names)]);
        expect((await world.store.getMessage(key))?.targets[0]).toMatchObject({
          status: "delivered",
          parts: taken,
        });
      },
    );

    it("fails when one of the parts fails that were one when they were counted", async () => {
      const [key] = await world.inFlight({ parts: 1 });
      const names = partKeys(world.id(), 2) as [string, string];
      await world.store.settleTargets([world.sent(key, names)]);
      await world.store.applyReceipts([world.receipt(names[0])]);
      await world.store.applyReceipts([world.receipt(names[1], { state: "failed" })]);
      expect(await world.statuses(key)).toEqual(["failed"]);
    });

    it("has them right, too, when a part was refused for now before", async () => {
      const [key] = await world.inFlight({ parts: 3 });
      const retry = { outcome: "retry", receiptDueAt: world.in(DAY_MS), dueAt: world.now() } as const;
      const first = { partStates: "sq", receiptKeys: ["early", null] };
      await world.store.settleTargets([{ ...world.base(key), ...retry, ...first }]);
      expect(await world.claim()).toMatchObject([{ messageId: key.messageId, partStates: "sq" }]);
      await world.store.markInFlight([world.mark(key)]);
      await world.store.settleTargets([world.sent(key, [null, "late"])]);
      expect((await world.store.getMessage(key))?.targets[0]).toMatchObject({ status: "sent", parts: 2 });
      await world.store.applyReceipts([world.receipt("late")]);
      expect(await world.statuses(key)).toEqual(["sent"]);
      await world.store.applyReceipts([world.receipt("early")]);
      expect(await world.statuses(key)).toEqual(["delivered"]);
    });
  });
}
