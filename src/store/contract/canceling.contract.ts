import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { EventId, MessageId } from "../../domain/ids.ts";
import type { TargetKey } from "../../domain/message.ts";
import { type ContractEngine, HOUR_MS, type OpenEngine, World } from "./world.ts";

/** Stopping what is not in flight. */
export function cancelingContract(open: OpenEngine): void {
  describe("canceling", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const cancel = async ({ customerId, messageId }: Omit<TargetKey, "n">) => {
      const change = { customerId, messageId, at: world.now(), eventId: world.id<EventId>() };
      const [outcome] = await world.store.cancelMessages([change]);
      return outcome ?? null;
    };

    const depth = async () => {
      const depths = await world.store.queueDepths();
      return depths.find(({ carrierId }) => carrierId === world.carrierId);
    };

    it("stops what is queued, with one event, and answers the message as it is then", async () => {
      const { id } = await world.endpoint({ events: ["message_updated"] });
      const [key] = await world.accept({ targets: 3 });
      const outcome = await cancel(key);
      expect(outcome?.canceled).toEqual([0, 1, 2]);
      expect(outcome?.message).toEqual(await world.store.getMessage(key));
      expect(outcome?.message.targets.map(({ status }) => status)).toEqual(Array(3).fill("canceled"));
      expect(await world.claim()).toEqual([]);
      expect(await depth()).toMatchObject({ waiting: 0, inFlight: 0, held: 0 });
      expect(await world.trailOf(key)).toEqual(["canceled"]);
      const [delivery, ...others] = await world.deliveries(id);
      expect([delivery?.event.changed, others]).toEqual([[0, 1, 2], []]);
    });

    it("stops what is scheduled before its time comes", async () => {
      const [key] = await world.accept({ status: "scheduled", dueAt: world.in(HOUR_MS) });
      expect((await cancel(key))?.canceled).toEqual([0]);
      world.passes(HOUR_MS + 1);
      expect(await world.claim()).toEqual([]);
    });

    it("stops what was handed over or claimed and is not marked: the mark is refused", async () => {
      const [handed] = await world.accept({ leased: true });
      const [claimed] = await world.accept();
      await world.claim();
      for (const key of [handed, claimed]) {
        expect((await cancel(key))?.canceled).toEqual([0]);
        expect(await world.store.markInFlight([world.mark(key)])).toEqual([false]);
        expect(await world.statuses(key)).toEqual(["canceled"]);
      }
      expect(await depth()).toMatchObject({ waiting: 0, inFlight: 0 });
    });

    it("leaves what is in flight or sent, and says what it stopped", async () => {
      const keys = await world.accept({ targets: 3, leased: true });
      const [flying, sent] = keys;
      if (sent === undefined) throw new Error("there are three targets");
      await world.store.markInFlight([flying, sent].map((key) => world.mark(key)));
      await world.store.settleTargets([world.sent(sent, ["cancel-sent"])]);
      const outcome = await cancel(flying);
      expect(outcome?.canceled).toEqual([2]);
      expect(await world.statuses(flying)).toEqual(["queued", "sent", "canceled"]);
      expect(await depth()).toMatchObject({ waiting: 0, inFlight: 1, held: 0 });
      const [settled] = await world.store.settleTargets([world.sent(flying, [null])]);
      expect(settled).toEqual({ kind: "applied", status: "sent" });
    });

    it("stops nothing a second time, and makes no event of it", async () => {
      const { id } = await world.endpoint({ events: ["message_updated"] });
      const [key] = await world.accept();
      await cancel(key);
      for (const delivery of await world.deliveries(id))
        await world.store.settleDeliveries([world.delivered(delivery)]);
      const again = await cancel(key);
      expect(again?.canceled).toEqual([]);
      expect(again?.message.targets[0]?.status).toBe("canceled");
      expect(await world.deliveries(id)).toEqual([]);
    });

    it("answers null for what is unknown, foreign or deleted, and lets it go on", async () => {
      const [key] = await world.accept();
      expect(await cancel({ ...key, customerId: world.otherCustomerId })).toBeNull();
      expect(await cancel({ ...key, messageId: world.id<MessageId>() })).toBeNull();
      await world.store.deleteMessages([{ ...key, at: world.now(), eventId: world.id() }]);
      expect(await cancel(key)).toBeNull();
      expect(await world.claim()).toHaveLength(1);
    });
  });
}
