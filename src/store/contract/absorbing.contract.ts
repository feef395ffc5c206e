import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ABSORBING_MAX_MS } from "../absorbing.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** How long an event that nobody was told of takes in changes, and what that means to who is told. */
export function absorbingContract(open: OpenEngine): void {
  describe("absorbing", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    it.each([
      { ms: ABSORBING_MAX_MS - 1_000, versions: [2] },
      { ms: ABSORBING_MAX_MS, versions: [1, 1] },
    ])("begins another event when the open one is old: a change after $ms ms", async ({ ms, versions }) => {
      const [key] = await world.sentMessage(`old-${ms}`);
      world.passes(ms);
      await world.store.applyReceipts([world.receipt(`old-${ms}-0`)]);
      const events = (await world.store.recount(key))?.events ?? [];
      const updates = events.filter(({ type }) => type === "message_updated");
      expect(updates.map(({ version }) => version)).toEqual(versions);
    });

    it("calls an endpoint once for a receipt, however late it comes, whether it was told of more or not", async () => {
      const all = await world.endpoint({ events: ["message_updated"] });
      const finals = await world.endpoint({ events: ["message_updated"], statuses: ["delivered", "failed"] });
      await world.sentMessage("late");
      const sent = await world.deliveries(all.id);
      await world.store.settleDeliveries(sent.map((delivery) => world.delivered(delivery)));
      world.passes(ABSORBING_MAX_MS);
      await world.store.applyReceipts([world.receipt("late-0")]);
      const late = await world.deliveries(all.id);
      expect([...sent, ...late].map(({ event }) => event.version)).toEqual([1, 1]);
      expect((await world.deliveries(finals.id)).map(({ eventId }) => eventId)).toEqual([late[0]?.eventId]);
    });

    it("tells an endpoint that was told of nothing meanwhile of the old event and then of the new one", async () => {
      const { id } = await world.endpoint({ events: ["message_updated"] });
      await world.sentMessage("waiting", { targets: 2 });
      await world.store.applyReceipts([world.receipt("waiting-0")]);
      world.passes(ABSORBING_MAX_MS);
      await world.store.applyReceipts([world.receipt("waiting-1")]);
      const [first, ...waiting] = await world.deliveries(id);
      expect([first?.event.version, waiting]).toEqual([2, []]);
      if (first === undefined) throw new Error("there was a delivery");
      await world.store.settleDeliveries([world.delivered(first)]);
      const [second, ...others] = await world.deliveries(id);
      expect(second?.event).toMatchObject({ version: 1, changed: [1] });
      expect(others).toEqual([]);
    });
  });
}
