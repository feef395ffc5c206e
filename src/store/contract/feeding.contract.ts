import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { MessageId } from "../../domain/ids.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** What a reader of a customer's events needs beside them. */
export function feedingContract(open: OpenEngine): void {
  describe("feeding", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    it("tells of events which of them are open", async () => {
      const [key] = await world.sentMessage("shown");
      const [created] = (await world.store.recount(key))?.events ?? [];
      if (created === undefined) throw new Error("a message has an event");
      const fed = () => world.store.listEvents(world.customerId, created.id, 10);
      const isOpen = async () => (await fed()).map((event) => event.isOpen);
      expect(await isOpen()).toEqual([true]);
      await world.store.closeEvents(await fed());
      expect(await isOpen()).toEqual([false]);
    });

    it("shows a message whether it is deleted or not, and to its customer alone", async () => {
      const [key] = await world.sentMessage("read", { targets: 3 });
      const { store, customerId, otherCustomerId } = world;
      expect(await store.getMessageDeletedToo(key)).toEqual(await store.getMessage(key));
      const [deleted] = await store.deleteMessages([{ ...key, at: world.now(), eventId: world.id() }]);
      expect(await store.getMessage(key)).toBeNull();
      expect(deleted?.targets).toHaveLength(3);
      expect(await store.getMessageDeletedToo(key)).toEqual(deleted);
      expect(await store.getMessageDeletedToo({ ...key, customerId: otherCustomerId })).toBeNull();
      expect(await store.getMessageDeletedToo({ customerId, messageId: world.id<MessageId>() })).toBeNull();
      expect(await store.getMessageDeletedToo({ customerId, messageId: "no id" as MessageId })).toBeNull();
    });
  });
}
