import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { MessageId } from "../../domain/ids.ts";
import { UNOWNED } from "../../domain/inbound.ts";
import { Handset } from "./handset.ts";
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

    it("wakes whoever waits for events of the customer that has new or changed ones, and of nobody else", async () => {
      const { customerId, otherCustomerId } = world;
      const handset = new Handset(world);
      /** Whose events listeners are told of; the store is opened anew, so that it owes them nothing from before. */
      const wokenBy = async (act: () => Promise<unknown>): Promise<readonly string[]> => {
        await engine.reopen();
        const woken = new Set<string>();
        const stop = world.store.onWake((wake) => wake.kind === "events" && woken.add(wake.customerId));
        await act();
        await expect.poll(() => woken.size).toBeGreaterThan(0);
        stop();
        return [...woken];
      };
      const [key] = await world.sentMessage("woken", { targets: 2 });
      const absorb = () => world.store.applyReceipts([world.receipt("woken-0")]);
      const remove = () => world.store.deleteMessages([{ ...key, at: world.now(), eventId: world.id() }]);
      const receive = () => {
        const owners = [UNOWNED, otherCustomerId]; // nobody is told of what nobody owns
        const entries = owners.map((owner) => handset.reception({ message: handset.message(owner) }));
        return world.store.receiveMessages(entries);
      };
      expect(await wokenBy(() => world.accept())).toEqual([customerId]);
      expect(await wokenBy(absorb)).toEqual([customerId]);
      expect(await wokenBy(remove)).toEqual([customerId]);
      expect(await wokenBy(receive)).toEqual([otherCustomerId]);
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
