import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CarrierId } from "../../domain/ids.ts";
import { type ContractEngine, DAY_MS, HOUR_MS, type OpenEngine, partKeys, World } from "./world.ts";

/** Delivery reports: which target, and how far it may go (promise P4). */
export function receiptsContract(open: OpenEngine): void {
  describe("receipts", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const apply = async (...receipts: Parameters<World["receipt"]>[]) =>
      world.store.applyReceipts(receipts.map((receipt) => world.receipt(...receipt)));

    it("delivers a sent target", async () => {
      const [key] = await world.inFlight();
      const settlement = world.sent(key, ["r1"]);
      await world.store.settleTargets([settlement]);
      const receipt = world.receipt("r1");
      const { customerId, messageId } = key;
      expect(await world.store.applyReceipts([receipt])).toEqual([
        { kind: "applied", customerId, messageId, status: "delivered", sentAt: settlement.at },
      ]);
      const message = await world.store.getMessage(key);
      expect(message?.targets[0]).toMatchObject({ status: "delivered", tmUpdate: receipt.at, failure: null });
      expect(message?.tmUpdate).toBe(receipt.at);
      const [trail] = (await world.store.getTrails(key)) ?? [];
      expect(trail?.at(-1)).toEqual({ at: receipt.at, what: "receipt", words: "stat:DELIVRD" });
    });

    it("fails a sent target with the reason that the receipt gives, or one of its own", async () => {
      const [named] = await world.sentMessage("named");
      const [unnamed] = await world.sentMessage("unnamed");
      const [expired] = await world.sentMessage("expired");
      const failure = { code: "unreachable", carrierCode: "001", message: "Handset off." } as const;
      await apply(
        ["named-0", { state: "failed", failure }],
        ["unnamed-0", { state: "failed" }],
        ["expired-0", { state: "expired" }],
      );
      expect((await world.store.getMessage(named))?.targets[0]).toMatchObject({ status: "failed", failure });
      expect((await world.store.getMessage(unnamed))?.targets[0]?.failure?.code).toBe("unknown");
      expect((await world.store.getMessage(expired))?.targets[0]?.failure?.code).toBe("expired");
    });

    it.each(["accepted", "enroute", "unknown"] as const)(
      "notes %s on the trail and moves nothing",
      async (state) => {
        const [key] = await world.sentMessage(state);
        expect(await apply([`${state}-0`, { state }])).toEqual([{ kind: "noted" }]);
        expect(await world.statuses(key)).toEqual(["sent"]);
        expect(await world.trailOf(key)).toEqual(["receipt"]);
        expect(await apply([`${state}-0`])).toMatchObject([{ kind: "applied", status: "delivered" }]);
      },
    );

    it("never takes a final status back, and notes what comes after", async () => {
      const [key] = await world.sentMessage("final");
      await apply(["final-0"]);
      const late = [
        ["final-0", { state: "failed" }],
        ["final-0", { state: "enroute" }],
        ["final-0"],
      ] as Parameters<World["receipt"]>[];
      expect(await apply(...late)).toEqual([{ kind: "noted" }, { kind: "noted" }, { kind: "noted" }]);
      expect(await world.statuses(key)).toEqual(["delivered"]);
      expect(await world.trailOf(key)).toHaveLength(4);
    });

    it("lets the first known key of a receipt win", async () => {
      const [key] = await world.sentMessage("known");
      expect(await apply(["-", { keys: ["0xKNOWN", "unknown", "known-0"] }])).toMatchObject([
        { kind: "applied" },
      ]);
      expect(await world.statuses(key)).toEqual(["delivered"]);
    });

    it("keeps the keys of two carriers apart", async () => {
      const [key] = await world.sentMessage("apart");
      const elsewhere = world.receipt("apart-0", { carrierId: world.id<CarrierId>() });
      expect(await world.store.applyReceipts([elsewhere])).toEqual([{ kind: "parked" }]);
      expect(await world.statuses(key)).toEqual(["sent"]);
    });

    it("compares the destination leniently, and does not give a receipt to another number", async () => {
      const [national] = await world.sentMessage("lenient");
      expect(await apply(["lenient-0", { destination: "0699999999" }])).toEqual([{ kind: "parked" }]);
      expect(await apply(["lenient-0", { destination: "0600000000" }])).toMatchObject([{ kind: "applied" }]);
      expect(await world.statuses(national)).toEqual(["delivered"]);
    });

    it("tells two targets apart when the carrier uses a key again", async () => {
      const keys = await world.inFlight({ targets: 2 });
      await world.store.settleTargets(keys.map((key) => world.sent(key, ["same"])));
      await apply(["same", { destination: "31600000000" }]);
      expect(await world.statuses(keys[0])).toEqual(["delivered", "sent"]);
      await apply(["same", { destination: "31600000001" }]);
      expect(await world.statuses(keys[0])).toEqual(["delivered", "delivered"]);
    });

    it("knows an older message by its number when the carrier uses its key again", async () => {
      const [older] = await world.sentMessage("again");
      const [due] = await world.inFlight();
      await world.store.settleTargets([world.sent(due, ["due"], { receiptDueAt: world.in(HOUR_MS) })]);
      world.passes(HOUR_MS);
      await world.store.expire({ now: world.now(), limit: 1_000 });
      const [, newer] = await world.inFlight({ targets: 2 });
      if (newer === undefined) throw new Error("two were accepted");
      await world.store.settleTargets([world.sent(newer, ["again-0"])]);
      expect(await apply(["again-0", { destination: "31600000000" }])).toMatchObject([
        { kind: "applied", messageId: older.messageId, status: "delivered" },
      ]);
      expect(await apply(["again-0", { destination: "31600000000" }])).toEqual([{ kind: "noted" }]);
      expect(await apply(["again-0", { destination: "31600000001" }])).toMatchObject([
        { kind: "applied", messageId: newer.messageId, status: "delivered" },
      ]);
      expect(await world.statuses(older)).toEqual(["delivered"]);
      expect(await world.statuses(newer)).toEqual(["queued", "delivered"]);
    });

    it("keeps a receipt that overtook its response, and applies it with the settlement", async () => {
      const [key] = await world.inFlight();
      expect(await apply(["early"])).toEqual([{ kind: "parked" }]);
      expect(await world.store.settleTargets([world.sent(key, ["early"])])).toEqual([
        { kind: "applied", status: "delivered" },
      ]);
      expect(await world.statuses(key)).toEqual(["delivered"]);
      expect(await apply(["early"])).toEqual([{ kind: "noted" }]);
    });

    it("applies early receipts in the order in which they came, by whichever of their keys fits", async () => {
      const [key] = await world.inFlight();
      await apply(["-", { keys: ["1F", "31"], state: "enroute" }], ["-", { keys: ["1F", "31"] }]);
      const results = await world.store.settleTargets([world.sent(key, ["31"])]);
      expect(results).toEqual([{ kind: "applied", status: "delivered" }]);
      expect(await world.trailOf(key)).toEqual(["receipt", "receipt"]);
    });

    it("does not give an early receipt to a target with another number", async () => {
      const [key] = await world.inFlight();
      await apply(["mine", { destination: "4915112345678" }]);
      const results = await world.store.settleTargets([world.sent(key, ["mine"])]);
      expect(results).toEqual([{ kind: "applied", status: "sent" }]);
    });

    it("delivers a message of several parts when all of them are", async () => {
      const [key] = await world.sentMessage("parts", { parts: 3 });
      const [k0, k1, k2] = partKeys("parts-0", 3) as [string, string, string];
      expect(await apply([k1], [k0])).toEqual([{ kind: "noted" }, { kind: "noted" }]);
      expect(await apply([k1])).toEqual([{ kind: "noted" }]);
      expect(await world.statuses(key)).toEqual(["sent"]);
      expect(await apply([k2])).toMatchObject([{ kind: "applied", status: "delivered" }]);
      expect(await world.statuses(key)).toEqual(["delivered"]);
    });

    it("fails a message of several parts when one does", async () => {
      const [key] = await world.sentMessage("one", { parts: 3 });
      const [k0, k1, k2] = partKeys("one-0", 3) as [string, string, string];
      expect(await apply([k0], [k1, { state: "failed" }], [k2])).toMatchObject([
        { kind: "noted" },
        { kind: "applied", status: "failed" },
        { kind: "noted" },
      ]);
      expect(await world.statuses(key)).toEqual(["failed"]);
    });

    it("rolls up parts whose receipts all came early", async () => {
      const [key] = await world.inFlight({ parts: 2 });
      await apply(["e/0"], ["e/1"]);
      expect(await world.store.settleTargets([world.sent(key, ["e/0", "e/1"])])).toEqual([
        { kind: "applied", status: "delivered" },
      ]);
    });

    it("lets one receipt speak for all parts that await it under the same key", async () => {
      const [key] = await world.inFlight({ parts: 12 });
      await world.store.settleTargets([
        world.sent(
          key,
          Array.from({ length: 12 }, () => "whole"),
        ),
      ]);
      expect(await apply(["whole"])).toMatchObject([{ kind: "applied", status: "delivered" }]);
      expect(await apply(["whole"])).toEqual([{ kind: "noted" }]);
    });

    it("lets one early receipt speak for all parts", async () => {
      const [key] = await world.inFlight({ parts: 3 });
      await apply(["early-whole"]);
      const sent = world.sent(key, ["early-whole", "early-whole", "early-whole"]);
      expect(await world.store.settleTargets([sent])).toEqual([{ kind: "applied", status: "delivered" }]);
    });

    it("moves only the target that a receipt is for", async () => {
      const [key] = await world.sentMessage("many", { targets: 3 });
      await apply(["many-1", { state: "failed" }]);
      expect(await world.statuses(key)).toEqual(["sent", "failed", "sent"]);
    });

    it("turns dlr_timeout into what a true receipt says, even days later", async () => {
      const [key] = await world.inFlight();
      await world.store.settleTargets([world.sent(key, ["overdue"], { receiptDueAt: world.in(HOUR_MS) })]);
      world.passes(HOUR_MS + 1);
      await world.store.expire({ now: world.now(), limit: 1_000 });
      expect(await world.statuses(key)).toEqual(["dlr_timeout"]);
      world.passes(3 * DAY_MS);
      await world.store.expire({ now: world.now(), limit: 1_000 });
      expect(await apply(["overdue"])).toMatchObject([{ kind: "applied", status: "delivered" }]);
      expect(await world.statuses(key)).toEqual(["delivered"]);
    });

    it("does not send again what was delivered while it waited to be resent", async () => {
      const [key] = await world.inFlight({ parts: 1 });
      const retry = {
        outcome: "retry",
        partStates: "",
        receiptKeys: ["resend"],
        receiptDueAt: world.in(DAY_MS),
      } as const;
      await world.store.settleTargets([{ ...world.base(key), ...retry, dueAt: world.now() }]);
      await apply(["resend"]);
      expect(await world.claim()).toEqual([]);
      expect(await world.statuses(key)).toEqual(["delivered"]);
    });

    it("knows keys and parked receipts after a restart", async () => {
      const [sent] = await world.sentMessage("before");
      const [waiting] = await world.inFlight();
      await apply(["early-before"]);
      await engine.reopen();
      expect(await apply(["before-0"])).toMatchObject([{ kind: "applied" }]);
      expect(await world.store.settleTargets([world.sent(waiting, ["early-before"])])).toEqual([
        { kind: "applied", status: "delivered" },
      ]);
      await engine.reopen();
      expect(await apply(["before-0"])).toEqual([{ kind: "noted" }]);
      expect(await world.statuses(sent)).toEqual(["delivered"]);
    });
  });
}
