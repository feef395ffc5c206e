import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EventId, MessageId } from "../../domain/ids.ts";
import type { TargetKey } from "../../domain/message.ts";
import type { Wake } from "../store.ts";
import { HELD, type ContractEngine, type OpenEngine, World } from "./world.ts";

const DAY_MS = 86_400_000;

/** What is known of a target that is held: parts that were answered before the outcome of another was lost. */
export function holdingContract(open: OpenEngine): void {
  describe("a held target of several parts", () => {
    let engine: ContractEngine;
    let world: World;
    beforeEach(async () => {
      engine = await open();
      world = new World(engine);
    });
    afterEach(() => engine.dispose());

    /** Three parts, the first two of them answered; the third one's outcome is unknown. */
    async function held(): Promise<TargetKey> {
      const [key] = await world.inFlight({ parts: 3 });
      const answered = { partStates: "ssq", receiptKeys: ["p0", "p1", null], receiptDueAt: world.in(DAY_MS) };
      const settlement = { ...world.base(key), ...HELD, ...answered };
      expect(await world.store.settleTargets([settlement])).toEqual([{ kind: "applied", status: "queued" }]);
      return key;
    }

    it("fails with the receipt of a part that was answered", async () => {
      const key = await held();
      await world.store.applyReceipts([world.receipt("p1", { state: "failed" })]);
      expect(await world.statuses(key)).toEqual(["failed"]);
      expect(await world.store.queueDepths()).toMatchObject([{ waiting: 0, inFlight: 0, held: 0 }]);
    });

    it("does not become delivered, nor is it claimed, while a part's outcome is unknown", async () => {
      const key = await held();
      await world.store.applyReceipts([world.receipt("p0"), world.receipt("p1")]);
      expect(await world.statuses(key)).toEqual(["queued"]);
      expect(await world.claim()).toEqual([]);
    });

    it("ends as canceled, and its trail says that its outcome is unknown", async () => {
      const { id } = await world.endpoint({ events: ["message_updated"] });
      const key = await held();
      const change = { ...key, at: world.now(), eventId: world.id<EventId>() };
      const [outcome] = await world.store.cancelMessages([change]);
      expect(outcome?.canceled).toEqual([0]);
      expect(await world.statuses(key)).toEqual(["canceled"]);
      expect(await world.trailOf(key)).toEqual(["unknown_outcome", "canceled"]);
      expect(await world.store.queueDepths()).toMatchObject([{ waiting: 0, inFlight: 0, held: 0 }]);
      expect((await world.deliveries(id)).map(({ event }) => event.changed)).toEqual([[0]]);
      await world.store.applyReceipts([world.receipt("p1", { state: "failed" })]);
      expect(await world.statuses(key)).toEqual(["canceled"]);
    });

    it("ends when its number is erased: what is left of it could not be sent once more", async () => {
      const key = await held();
      await world.store.eraseNumber("31600000000", world.now(), 100);
      expect(await world.statuses(key)).toEqual(["canceled"]);
      expect((await resend(key))?.resent).toEqual([]);
    });

    const resend = async ({ customerId, messageId }: Omit<TargetKey, "n">) => {
      const change = { customerId, messageId, at: world.now(), eventId: world.id<EventId>() };
      const [outcome] = await world.store.resendMessages([change]);
      return outcome ?? null;
    };

    it("is due at once when it is to be sent once more, without the parts that were answered", async () => {
      const key = await held();
      const wakes: Wake[] = [];
      const stop = world.store.onWake((wake) => wakes.push(wake));
      const outcome = await resend(key);
      expect(outcome).toEqual({ message: await world.store.getMessage(key), resent: [0] });
      expect(await world.trailOf(key)).toEqual(["resent"]);
      expect(await world.store.queueDepths()).toMatchObject([{ waiting: 1, inFlight: 0, held: 0 }]);
      await expect.poll(() => wakes).toContainEqual({ kind: "queue", carrierId: world.carrierId });
      stop();
      expect(await world.claim()).toMatchObject([{ partStates: "ssq", attempts: 1 }]);
      expect((await resend(key))?.resent).toEqual([]);
      await world.store.markInFlight([world.mark(key)]);
      await world.store.settleTargets([world.sent(key, [null, null, "p2"])]);
      await world.store.applyReceipts(["p0", "p1", "p2"].map((part) => world.receipt(part)));
      expect(await world.statuses(key)).toEqual(["delivered"]);
    });

    it("alone is sent once more: nothing that waits, is in flight, or was sent", async () => {
      const keys = await world.accept({ targets: 4, leased: true });
      const [waiting, flying, sent, unknown] = keys;
      if (flying === undefined || sent === undefined || unknown === undefined)
        throw new Error("there are four targets");
      await world.store.markInFlight([flying, sent, unknown].map((key) => world.mark(key)));
      await world.store.settleTargets([
        { ...world.base(waiting), markedAt: null, outcome: "released" },
        world.sent(sent, [null]),
        { ...world.base(unknown), ...HELD },
      ]);
      expect((await resend(waiting))?.resent).toEqual([3]);
      expect((await world.claim()).map(({ n }) => n)).toEqual([0, 3]);
      expect(await world.statuses(waiting)).toEqual(["queued", "queued", "sent", "queued"]);
    });

    it("is not sent once more for anybody else, nor when it is deleted", async () => {
      const key = await held();
      expect(await resend({ ...key, customerId: world.otherCustomerId })).toBeNull();
      expect(await resend({ ...key, messageId: world.id<MessageId>() })).toBeNull();
      expect(await resend({ ...key, messageId: "x" as MessageId })).toBeNull();
      await world.store.deleteMessages([{ ...key, at: world.now(), eventId: world.id() }]);
      expect(await resend(key)).toBeNull();
      expect(await world.claim()).toEqual([]);
    });

    it("finds the receipt that came before it was held", async () => {
      const [key] = await world.inFlight({ parts: 2 });
      await world.store.applyReceipts([world.receipt("early", { state: "failed" })]);
      const answered = { partStates: "sq", receiptKeys: ["early", null], receiptDueAt: world.in(DAY_MS) };
      await world.store.settleTargets([{ ...world.base(key), ...HELD, ...answered }]);
      expect(await world.statuses(key)).toEqual(["failed"]);
      expect(await world.store.queueDepths()).toMatchObject([{ waiting: 0, inFlight: 0, held: 0 }]);
    });
  });
}
