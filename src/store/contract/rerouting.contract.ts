import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CarrierId } from "../../domain/ids.ts";
import type { TargetKey } from "../../domain/message.ts";
import { CLAIM_MAX_CHARACTERS, type ReroutableClaim } from "../queueing.ts";
import { HELD, type ContractEngine, DAY_MS, type OpenEngine, partKeys, World } from "./world.ts";

const BOUNDS = { limit: 10, characters: CLAIM_MAX_CHARACTERS } as const;

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

    /** Claims what the next carrier could take. */
    const claimReroutable = (wishes: Partial<ReroutableClaim> = {}) => {
      const { carrierId, node } = world;
      const request = { carrierId, node, priority: 1, fallbacks: [next], after: null, ...BOUNDS } as const;
      return world.store.claimReroutable({ ...request, dueBy: world.now(), ...wishes });
    };

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

    describe("claiming what others could take", () => {
      it("leases what names one of them, as it was queued, and leaves the rest", async () => {
        const [pinned] = await world.accept();
        const elsewhere = await world.accept({ fallbacks: [world.id<CarrierId>()] });
        const fallbacks = [world.id<CarrierId>(), next];
        const entry = world.acceptance({ targets: 2, parts: 2, fallbacks, text: "ça va" });
        await world.store.acceptMessages([entry]);
        expect(await claimReroutable()).toEqual({ targets: entry.queue, last: null });
        expect(await claimReroutable()).toEqual({ targets: [], last: null });
        const { carrierId, node } = world;
        const leased = await world.store.leasedTargets({ carrierId, node, after: null, limit: 10 });
        expect(leased.map(({ messageId, n, markedAt }) => [messageId, n, markedAt])).toEqual(
          entry.queue.map(({ messageId, n }) => [messageId, n, null]),
        );
        const rest = (await world.claim()).map(({ messageId }) => messageId);
        expect(rest).toEqual([pinned.messageId, elsewhere[0].messageId]);
      });

      it("takes nothing that is held, in flight, of another priority, or fell due later", async () => {
        const [held] = await world.inFlight({ fallbacks: [next] });
        await world.store.settleTargets([{ ...world.base(held), ...HELD }]);
        await world.inFlight({ fallbacks: [next] });
        await world.accept({ fallbacks: [next], priority: 0 });
        const dueBy = world.now();
        world.passes(1_000);
        await world.accept({ fallbacks: [next] });
        expect((await claimReroutable({ dueBy })).targets).toEqual([]);
        expect((await claimReroutable()).targets).toHaveLength(1);
        expect((await claimReroutable({ priority: 0 })).targets).toHaveLength(1);
      });

      it("looks at so many at a time, and goes on from the last", async () => {
        await world.accept({ targets: 5 });
        const keys = await world.accept({ targets: 3, fallbacks: [next] });
        const first = await claimReroutable({ limit: 4 });
        expect(first.targets).toEqual([]);
        const second = await claimReroutable({ limit: 3, after: first.last });
        expect(second.targets.map(({ messageId, n }) => [messageId, n])).toEqual([
          [keys[0].messageId, 0],
          [keys[0].messageId, 1],
        ]);
        const third = await claimReroutable({ limit: 3, after: second.last });
        expect(third).toMatchObject({ targets: [{ n: 2 }], last: null });
      });

      it("hands what it leased to the next carrier", async () => {
        const [key] = await world.accept({ fallbacks: [next] });
        await claimReroutable();
        const rerouted = { outcome: "rerouted", nextCarrierId: next, fallbacks: [], parts: 1 } as const;
        const settlement = { ...world.base(key), ...rerouted, dueAt: world.now() };
        expect(await world.store.settleTargets([settlement])).toEqual([
          { kind: "applied", status: "queued" },
        ]);
        expect(await world.claim()).toEqual([]);
        await sendOn(key, 1);
        expect(await world.store.queueDepths()).toEqual(
          expect.not.arrayContaining([expect.objectContaining({ carrierId: world.carrierId, waiting: 1 })]),
        );
      });
    });

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
