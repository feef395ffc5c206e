import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CarrierId } from "../../domain/ids.ts";
import { type ContractEngine, HELD, HOUR_MS, type OpenEngine, World } from "./world.ts";

/** What is left at a carrier that is gone. */
export function leftoverCarriersContract(open: OpenEngine): void {
  describe("what is left at a carrier", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(async () => {
      world = new World(engine);
      await putCarrier(world.carrierId);
    });
    afterAll(() => engine.dispose());

    const left = () => world.store.leftoverCarriers();

    async function putCarrier(id: CarrierId): Promise<void> {
      const account = { kind: "smpp", sealedUrl: "sealed", tmCreate: world.now(), tmUpdate: null };
      expect(await world.store.putCarrier({ ...account, id, name: id })).toBe(true);
    }

    it.each([
      ["waits", () => world.accept()],
      ["is not due", () => world.accept({ dueAt: world.in(HOUR_MS) })],
      ["a node has", () => world.accept({ leased: true })],
      ["is in flight", () => world.inFlight()],
    ])("is told once the carrier is gone, if it %s", async (_, leave) => {
      await leave();
      expect(await left()).not.toContain(world.carrierId);
      await world.store.removeCarrier(world.carrierId, true);
      expect(await left()).toContain(world.carrierId);
    });

    it("is told when it came after the carrier was removed, until it is done", async () => {
      expect(await world.store.removeCarrier(world.carrierId, false)).toBe(true);
      expect(await left()).not.toContain(world.carrierId);
      const [key] = await world.accept();
      expect(await left()).toContain(world.carrierId);
      await world.store.cancelMessages([{ ...key, at: world.now(), eventId: world.id() }]);
      expect(await left()).not.toContain(world.carrierId);
    });

    it("is not told while it is held: that waits for its end", async () => {
      const [key] = await world.inFlight();
      await world.store.settleTargets([{ ...world.base(key), ...HELD }]);
      await world.store.removeCarrier(world.carrierId, true);
      expect(await left()).not.toContain(world.carrierId);
    });

    it("is told of each of several carriers, beside those that there are", async () => {
      const ids = Array.from({ length: 5 }, () => world.id<CarrierId>());
      for (const carrierId of ids) {
        await putCarrier(carrierId);
        await world.accept({ carrierId });
        await world.accept({ carrierId, leased: true });
      }
      const [first, second, , fourth, last] = ids as [CarrierId, CarrierId, CarrierId, CarrierId, CarrierId];
      for (const gone of [first, second, fourth, last]) await world.store.removeCarrier(gone, true);
      const told = (await left()).filter((id) => ids.includes(id));
      expect(told.toSorted()).toEqual([first, second, fourth, last]);
    });
  });
}
