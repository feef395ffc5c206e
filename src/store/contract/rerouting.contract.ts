import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CarrierId } from "../../domain/ids.ts";
import type { TargetKey } from "../../domain/message.ts";
import { type ContractEngine, DAY_MS, type OpenEngine, partKeys, World } from "./world.ts";

/** A target that goes from one carrier to the next, while the first may still report what it took. */
export function reroutingContract(open: OpenEngine): void {
  describe("rerouting", () => {
    let engine: ContractEngine;
    let world: World;
    let next: CarrierId;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
      next = world.id<CarrierId>();
    });
    afterAll(() => engine.dispose());

    const apply = async (...receipts: Parameters<World["receipt"]>[]) =>
      world.store.applyReceipts(receipts.map((receipt) => world.receipt(...receipt)));

    /** Moves a target that is in flight to the next carrier, which counts `parts`. */
    async function reroute(key: TargetKey, parts: number): Promise<void> {
      const rerouted = { outcome: "rerouted", nextCarrierId: next, fallbacks: [], parts } as const;
      const result = await world.store.settleTargets([
        { ...world.base(key), ...rerouted, dueAt: world.now() },
      ]);
      expect(result).toEqual([{ kind: "applied", status: "queued" }]);
    }

    /** A message of two parts: the first carrier takes one, for which a receipt will come, and refuses the other. */
    async function takenInPart(parts: number): Promise<TargetKey> {
      const [key] = await world.inFlight({ parts: 2, fallbacks: [next] });
      const progress = { partStates: "sq", receiptKeys: ["k1", null], receiptDueAt: world.in(DAY_MS) };
      await world.store.settleTargets([
        { ...world.base(key), outcome: "retry", dueAt: world.now(), ...progress },
      ]);
      await world.claim();
      await world.store.markInFlight([world.mark(key)]);
      await reroute(key, parts);
      return key;
    }

    /** A message of one part: taken by a node that was thought dead, and refused when another one sent it again. */
    async function takenWhole(): Promise<TargetKey> {
      const { carrierId, otherNode } = world;
      const [key] = await world.inFlight({ fallbacks: [next] });
      const recovery = { carrierId, policy: "resend", now: world.now(), limit: 10 } as const;
      await world.store.recoverTargets({ ...recovery, liveNodes: [otherNode] });
      await world.claim();
      await world.store.markInFlight([world.mark(key)]);
      await reroute(key, 1);
      expect(await world.store.settleTargets([world.sent(key, ["k1"])])).toEqual([{ kind: "stale" }]);
      return key;
    }

    /** The next carrier takes it, in so many parts. */
    async function sendOn(key: TargetKey, parts: number): Promise<void> {
      await world.claim(10, next);
      await world.store.markInFlight([world.mark(key, { carrierId: next })]);
      const sent = world.sent(key, partKeys("next", parts), { carrierId: next });
      expect(await world.store.settleTargets([sent])).toEqual([{ kind: "applied", status: "sent" }]);
    }

    async function deliverThere(key: TargetKey, parts: number): Promise<void> {
      const receipts = partKeys("next", parts).map((part) => world.receipt(part, { carrierId: next }));
      const outcomes = await world.store.applyReceipts(receipts);
      expect(outcomes.at(-1)).toMatchObject({ kind: "applied", status: "delivered" });
      expect(await world.statuses(key)).toEqual(["delivered"]);
    }

    describe.each(["delivered", "failed"] as const)(
      "when the first carrier reports a part as %s",
      (state) => {
        it.each([1, 2, 3])("sends all of the %i parts that the next carrier counts", async (parts) => {
          const key = await takenInPart(parts);
          expect(await apply(["k1", { state }])).toEqual([{ kind: "noted" }]);
          expect(await world.statuses(key)).toEqual(["queued"]);
          const [trail] = (await world.store.getTrails(key)) ?? [];
          expect(trail?.at(-1)).toMatchObject({ what: "receipt", carrier: world.carrierId });
          expect(await world.claim(10, next)).toMatchObject([{ parts, partStates: "" }]);
          expect(await apply(["k1", { state }])).toEqual([{ kind: "noted" }]);
          await sendOn(key, parts);
          await deliverThere(key, parts);
        });

        it.each([1, 2, 3])("lets the next carrier's receipts for %i parts decide", async (parts) => {
          const key = await takenInPart(parts);
          await sendOn(key, parts);
          expect(await apply(["k1", { state }])).toEqual([{ kind: "noted" }]);
          expect(await world.statuses(key)).toEqual(["sent"]);
          await deliverThere(key, parts);
        });
      },
    );

    it("does not send on what the first carrier delivered whole", async () => {
      const key = await takenWhole();
      expect(await apply(["k1"])).toMatchObject([{ kind: "applied", status: "delivered" }]);
      expect(await world.statuses(key)).toEqual(["delivered"]);
      expect(await world.claim(10, next)).toEqual([]);
    });

    it("sends on what the first carrier failed to deliver", async () => {
      const key = await takenWhole();
      expect(await apply(["k1", { state: "failed" }])).toEqual([{ kind: "noted" }]);
      expect(await apply(["k1", { state: "failed" }])).toEqual([{ kind: "noted" }]);
      await sendOn(key, 1);
      await deliverThere(key, 1);
    });
  });
}
