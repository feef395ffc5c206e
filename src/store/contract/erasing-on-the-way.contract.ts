import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { acceptanceTo, eraseWholly } from "./erasure.ts";
import { type ContractEngine, keysOf, type OpenEngine, partKeys, World } from "./world.ts";

/** Erasing the number of a recipient while its message is still on its way. */
export function erasingOnTheWayContract(open: OpenEngine): void {
  describe("erasing on the way", () => {
    let engine: ContractEngine;
    let world: World;
    let made = 0;
    let number: string;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
      number = `+49152${String(made++).padStart(8, "0")}`;
    });
    afterAll(() => engine.dispose());

    const erase = () => eraseWholly(world, number);

    it.each([1, 2])("lets receipts find a target whose number is gone (parts: %i)", async (parts) => {
      const entry = acceptanceTo(world, number, { leased: true, parts });
      await world.store.acceptMessages([entry]);
      const keys = keysOf(entry);
      await world.store.markInFlight(keys.map((key) => world.mark(key)));
      const names = partKeys(world.id(), parts);
      await world.store.settleTargets(
        keys.map((key) => world.sent(key, key.n === 1 ? names : names.map(() => null))),
      );
      await erase();
      const destination = number.slice(1);
      const outcomes = await world.store.applyReceipts(
        names.map((name) => world.receipt(name, { destination })),
      );
      expect(outcomes.at(-1)).toMatchObject({ kind: "applied", status: "delivered" });
      expect(await world.statuses(keys[0])).toEqual(["sent", "delivered"]);
    });
  });
}
