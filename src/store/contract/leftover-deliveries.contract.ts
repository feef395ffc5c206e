import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DamageableEngine, World } from "./world.ts";

/** What is left of an endpoint that is gone: by a commit that overlapped its removal, or a process that died in it. */
export function leftoverDeliveriesContract(open: () => Promise<DamageableEngine>): void {
  describe("what is left of an endpoint", () => {
    let engine: DamageableEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    it("is dropped when it is claimed, and is never due again", async () => {
      const { id } = await world.endpoint();
      await world.accept();
      await engine.loseEndpoint(id);
      expect(await world.deliveries(id)).toEqual([]);
      world.passes(60_001);
      expect(await world.store.nextDeliveryAt(id)).toBeNull();
      expect(await world.store.dueEndpoints(world.now(), 1_000)).not.toContain(id);
    });

    it("is dropped with what waits for an earlier event and with what is not due", async () => {
      const endpoint = await world.endpoint();
      await world.sentMessage("left");
      await world.accept({ at: world.in(60_000) });
      await engine.loseEndpoint(endpoint.id);
      expect(await world.deliveries(endpoint.id)).toEqual([]);
      expect(await world.store.nextDeliveryAt(endpoint.id)).toBeNull();
      await world.store.putEndpoint(endpoint); // what follows would wait for what is left
      await world.store.applyReceipts([world.receipt("left-0")]);
      const deliveries = await world.deliveries(endpoint.id);
      expect(deliveries.map(({ event }) => event.type)).toEqual(["message_updated"]);
    });

    it("does not touch what others are told", async () => {
      const [gone, other] = [await world.endpoint(), await world.endpoint()];
      const [key] = await world.accept();
      await engine.loseEndpoint(gone.id);
      expect(await world.deliveries(gone.id)).toEqual([]);
      const deliveries = await world.deliveries(other.id);
      expect(deliveries.map(({ messageId }) => messageId)).toEqual([key.messageId]);
    });
  });
}
