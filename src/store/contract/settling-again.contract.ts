import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { EndpointId } from "../../domain/ids.ts";
import type { TargetKey } from "../../domain/message.ts";
import type { Delivery } from "../announcing.ts";
import { HELD, type ContractEngine, DAY_MS, HOUR_MS, type OpenEngine, World } from "./world.ts";

/** What is settled once more, because the answer to it was lost: nothing that came after the first time is undone. */
export function settlingAgainContract(open: OpenEngine): void {
  describe("settling again", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const NOTHING = { partStates: "", receiptKeys: [null], receiptDueAt: null } as const;
    const ENDS = {
      sent: () => ({ outcome: "sent", receiptKeys: [null], receiptDueAt: null }) as const,
      retry: () => ({ outcome: "retry", dueAt: world.now(), ...NOTHING }) as const,
      released: () => ({ outcome: "released" }) as const,
      rerouted: () => {
        const { carrierId: nextCarrierId } = world;
        return { outcome: "rerouted", nextCarrierId, fallbacks: [], dueAt: world.now(), parts: 1 } as const;
      },
      held: () => HELD,
      failed: () => ({ outcome: "failed", status: "failed", failure: null }) as const,
    };

    const leased = () =>
      world.store.leasedTargets({ carrierId: world.carrierId, node: world.node, after: null, limit: 10 });

    /** Claims it once more and marks it in flight; answers when. */
    async function markAgain(key: TargetKey) {
      expect(await world.claim()).toHaveLength(1);
      const mark = world.mark(key);
      expect(await world.store.markInFlight([mark])).toEqual([true]);
      return mark.at;
    }

    it.each(["retry", "released", "rerouted"] as const)(
      "leaves a target that was %s with the same node's later mark",
      async (end) => {
        const [key] = await world.inFlight();
        const settlement = { ...world.base(key), ...ENDS[end]() };
        expect(await world.store.settleTargets([settlement])).toEqual([
          { kind: "applied", status: "queued" },
        ]);
        const markedAt = await markAgain(key);
        expect(await world.store.settleTargets([settlement])).toEqual([{ kind: "stale" }]);
        expect(await leased()).toEqual([{ ...key, markedAt }]);
        expect(await world.claim()).toEqual([]);
        expect(await world.store.settleTargets([world.sent(key, [null])])).toEqual([
          { kind: "applied", status: "sent" },
        ]);
      },
    );

    it("leaves a target that was released before it was marked with a later mark", async () => {
      const [key] = await world.accept({ leased: true });
      const settlement = { ...world.base(key), ...ENDS.released() };
      await world.store.settleTargets([settlement]);
      const markedAt = await markAgain(key);
      expect(await world.store.settleTargets([settlement, settlement])).toEqual([
        { kind: "stale" },
        { kind: "stale" },
      ]);
      expect(await leased()).toEqual([{ ...key, markedAt }]);
    });

    it.each(["sent", "retry", "released", "rerouted", "held", "failed"] as const)(
      "does not end as %s what bears another mark, or none",
      async (end) => {
        const [marked] = await world.inFlight();
        const [unmarked] = await world.accept({ leased: true });
        const before = await leased();
        const [markedAt, receiptDueAt] = [world.now(), world.in(DAY_MS)];
        const results = await world.store.settleTargets([
          { ...world.base(marked), ...ENDS[end](), markedAt },
          { ...world.base(marked), ...ENDS[end](), markedAt: null },
          { ...world.base(unmarked), ...ENDS[end](), markedAt },
        ]);
        expect(results).toEqual([{ kind: "stale" }, { kind: "stale" }, { kind: "stale" }]);
        expect(await leased()).toEqual(before);
        expect(await world.claim()).toEqual([]);
        const both = [world.sent(marked, [null], { receiptDueAt }), world.sent(unmarked, [null])];
        expect(await world.store.settleTargets(both)).toEqual(
          both.map(() => ({ kind: "applied", status: "sent" })),
        );
      },
    );

    const claimOne = async (endpointId: EndpointId): Promise<Delivery> => {
      const [delivery] = await world.deliveries(endpointId);
      if (delivery === undefined) throw new Error("a delivery is due");
      return delivery;
    };
    const failed = (delivery: Delivery) =>
      ({
        ...world.attempted(delivery),
        outcome: "retry",
        attempts: delivery.attempts,
        dueAt: world.in(HOUR_MS),
        body: `after ${delivery.attempts}`,
      }) as const;
    const attemptsAt = async (endpointId: EndpointId) => {
      const { customerId } = world;
      const query = { customerId, endpointId, before: null, limit: 100 };
      return (await world.store.listAttempts(query)).map(({ attempt, at }) => ({ n: attempt, at }));
    };

    it("counts and logs an attempt of a delivery once", async () => {
      const { id } = await world.endpoint();
      await world.accept();
      const first = failed(await claimOne(id));
      await world.store.settleDeliveries([first]);
      await world.store.settleDeliveries([{ ...first, dueAt: world.now() }]);
      expect(await world.store.nextDeliveryAt(id)).toBe(first.dueAt);
      expect(await attemptsAt(id)).toEqual([{ n: 1, at: first.attempt.at }]);
      world.passes(HOUR_MS);
      expect(await claimOne(id)).toMatchObject({ attempts: 1, body: "after 0" });
    });

    it("leaves a delivery that is attempted again meanwhile with whoever attempts it", async () => {
      const { id } = await world.endpoint();
      await world.accept();
      const first = failed(await claimOne(id));
      await world.store.settleDeliveries([first]);
      world.passes(HOUR_MS);
      const again = await claimOne(id);
      const leasedUntil = await world.store.nextDeliveryAt(id);
      await world.store.settleDeliveries([first]);
      expect(await world.store.nextDeliveryAt(id)).toBe(leasedUntil);
      const second = failed(again);
      await world.store.settleDeliveries([first, second, first]);
      world.passes(HOUR_MS);
      const last = world.delivered(await claimOne(id));
      await world.store.settleDeliveries([first, second, last, first]);
      const logged = [first, second, last].map(({ attempt: { at } }, index) => ({ n: index + 1, at }));
      expect((await attemptsAt(id)).toSorted((one, other) => one.n - other.n)).toEqual(logged);
      expect(await world.store.nextDeliveryAt(id)).toBeNull();
    });
  });
}
