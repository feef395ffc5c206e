import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** What fits on a page of messages. */
export function pagingContract(open: OpenEngine): void {
  describe("paging", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const page = (before: string | null, limit: number, targetLimit: number) =>
      world.store.listMessages({ customerId: world.customerId, before, limit, targetLimit });

    it("ends a page early where addresses hold many words, for each target counts by what it takes", async () => {
      const words = "w".repeat(255);
      const entries = Array.from({ length: 5 }, () => world.acceptance({ targets: 10 }));
      const wordy = entries.map((entry) => ({
        ...entry,
        targets: entry.targets.map((target) => {
          const destination = { ...target.destination, target_name: words, name: words, detail: words };
          return { ...target, destination };
        }),
      }));
      await world.store.acceptMessages(wordy.map((entry) => ({ ...entry, queue: [] })));
      expect(await page(null, 10, 50)).toHaveLength(2); // each weighs 40
      expect(await page(null, 10, 200)).toHaveLength(5);
      const [newest] = await page(null, 1, 1);
      expect(newest?.targets.map(({ destination }) => destination.name)).toEqual(Array(10).fill(words));
      const { messages, next } = await world.store.searchMessages(
        { customerId: world.customerId, before: null, limit: 10, targetLimit: 50 },
        { text: "hello" },
      );
      expect([messages.length, next]).toEqual([2, messages.at(-1)?.id]);
    });

    it("lists messages whole, however many targets they have together", async () => {
      const counts = [1_200, 1, 3_000, 800, 800, 400, 2];
      for (const targets of counts) {
        const entry = world.acceptance({ targets });
        await world.store.acceptMessages([{ ...entry, queue: [] }]);
      }
      const listed = await page(null, 10, 10_000);
      const newestFirst = counts.toReversed();
      expect(listed.map(({ targets }) => targets.length)).toEqual(newestFirst);
      for (const { targets } of listed)
        expect(targets.map(({ n }) => n)).toEqual(targets.map((_, index) => index));
      const query = { customerId: world.customerId, before: null, limit: 10, targetLimit: 10_000 };
      const found = await world.store.searchMessages(query, { text: "hello" });
      expect(found.messages.map(({ targets }) => targets.length)).toEqual(newestFirst);
      expect(found.next).toBeNull();
    });
  });
}
