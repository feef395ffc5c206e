import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CarrierId } from "../../domain/ids.ts";
import type { QueuePlace } from "../queueing.ts";
import { type ContractEngine, type OpenEngine, targetKey, World } from "./world.ts";

/** With its options it has a thousand characters, or bytes. */
const THOUSAND = "x".repeat(1_000 - "{}".length);

/** What one claim brings into memory (promise P8). */
export function claimBoundsContract(open: OpenEngine): void {
  describe("a claim", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const claim = async (characters: number) =>
      (await world.claim(100, world.carrierId, characters)).map(targetKey);

    it("brings as many as its texts and options have room for, and not one character more", async () => {
      const [alone] = await world.accept({ text: THOUSAND });
      const [first, second, third, fourth] = await world.accept({ text: THOUSAND, targets: 4 });
      expect(await claim(2_999)).toEqual([alone, first]);
      expect(await claim(3_000)).toEqual([second, third, fourth]);
      expect(await claim(3_000)).toEqual([]);
    });

    it("brings a target that is longer than there is room for by itself", async () => {
      const [first, second] = await world.accept({ text: THOUSAND, targets: 2 });
      expect([await claim(1), await claim(1), await claim(1)]).toEqual([[first], [second], []]);
    });

    it("brings nothing less urgent in the place of what is too long", async () => {
      const [low] = await world.accept({ priority: 2 });
      const [long] = await world.accept({ priority: 1, text: THOUSAND });
      const [high] = await world.accept({ priority: 0 });
      expect([await claim(500), await claim(500), await claim(500)]).toEqual([[high], [long], [low]]);
    });

    it("of what others could take is bounded as well, and the next goes on from there", async () => {
      const next = world.id<CarrierId>();
      for (let n = 0; n < 7; n++)
        await world.accept({ text: THOUSAND, fallbacks: n % 3 === 0 ? [] : [next] });
      const { carrierId, node } = world;
      const look = (after: QueuePlace | null, characters: number) => {
        const request = { carrierId, node, priority: 1, fallbacks: [next], after, limit: 7 } as const;
        return world.store.claimReroutable({ ...request, characters, dueBy: world.now() });
      };
      const first = await look(null, 3_000);
      expect(first.targets).toHaveLength(3);
      const second = await look(first.last, 3_000);
      expect(second).toMatchObject({ targets: [{ n: 0 }], last: null });
      await world.accept({ text: THOUSAND, fallbacks: [next] });
      expect((await look(null, 1)).targets).toHaveLength(1);
    });
  });
}
