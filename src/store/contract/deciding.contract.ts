import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CarrierId, CustomerId, EventId } from "../../domain/ids.ts";
import type { TargetKey } from "../../domain/message.ts";
import type { Micros } from "../../domain/micros.ts";
import type { HeldDecision, HeldKey, HeldPlace, HeldQuery, HeldTarget } from "../holding.ts";
import type { Wake } from "../store.ts";
import { HELD, type ContractEngine, HOUR_MS, type OpenEngine, World } from "./world.ts";

const keysOf = (targets: readonly HeldTarget[]): readonly HeldKey[] =>
  targets.map(({ carrierId, customerId, messageId, n }) => ({ customerId, messageId, n, carrierId }));

/** How an operator finds what is held, whoever sent it, and decides about it. */
export function decidingContract(open: OpenEngine): void {
  describe("what is held", () => {
    let engine: ContractEngine;
    let world: World;
    beforeEach(async () => {
      engine = await open();
      world = new World(engine);
    });
    afterEach(() => engine.dispose());

    /** Targets that a process had in flight when it died. */
    async function held(targets: number, of: World = world): Promise<readonly HeldKey[]> {
      const keys = await of.inFlight({ targets });
      const { carrierId, otherNode } = of;
      const now = of.now();
      await of.store.recoverTargets({ carrierId, liveNodes: [otherNode], policy: "hold", now, limit: 100 });
      return keys.map((key) => ({ ...key, carrierId }));
    }

    /** Everything that a query finds, page by page, with the places between them. */
    async function all(query: Partial<HeldQuery> = {}): Promise<readonly HeldTarget[]> {
      const found: HeldTarget[] = [];
      let after: HeldPlace | null = null;
      do {
        const asked: HeldQuery = { carrierId: null, customerId: null, limit: 100, ...query, after };
        const { targets, next } = await world.store.heldTargets(asked);
        found.push(...targets);
        after = next;
      } while (after !== null);
      return found;
    }

    const decide = (decision: HeldDecision, targets: readonly HeldKey[], at: Micros = world.now()) =>
      world.store.decideHeld(decision, targets, at);

    it("is told with who sent it, to whom, by which carrier, since when and why", async () => {
      const before = world.now();
      const [key] = await held(1);
      await world.accept();
      const [target, ...others] = await all();
      expect(others).toEqual([]);
      expect(target).toMatchObject({ ...key, attempts: 1, destination: "+31600000000" });
      expect(target?.trail.map(({ what }) => what)).toEqual(["in_flight_at_crash", "held"]);
      expect(target?.heldAt).toBeGreaterThan(before);
      expect(target?.expiresAt).toBeGreaterThan(world.in(HOUR_MS));
    });

    it("is told when its outcome was lost while its process lived", async () => {
      const [key] = await world.inFlight();
      const settlement = { ...world.base(key), ...HELD };
      await world.store.settleTargets([settlement]);
      expect(await all()).toMatchObject([{ messageId: key.messageId, heldAt: settlement.at }]);
    });

    it("is told page by page, carrier by carrier, none of it twice", async () => {
      const others = new World(engine);
      const [mine, theirs] = [[...(await held(3)), ...(await held(2))], await held(3, others)];
      const everything = [...mine, ...theirs].toSorted((a, b) => a.carrierId.localeCompare(b.carrierId));
      for (const limit of [1, 2, 5, 8, 100]) expect(keysOf(await all({ limit }))).toEqual(everything);
      expect(keysOf(await all({ carrierId: world.carrierId, limit: 2 }))).toEqual(mine);
      expect(keysOf(await all({ carrierId: others.carrierId }))).toEqual(theirs);
      expect(keysOf(await all({ customerId: others.customerId, limit: 2 }))).toEqual(theirs);
      expect(await all({ customerId: others.customerId, carrierId: world.carrierId })).toEqual([]);
      expect(await all({ carrierId: world.id<CarrierId>() })).toEqual([]);
      expect(await all({ customerId: world.id<CustomerId>() })).toEqual([]);
      expect(await all({ carrierId: "x" as CarrierId })).toEqual([]);
      expect(await all({ customerId: "x" as CustomerId })).toEqual([]);
    });

    it("is due at once when it is to be sent once more, and nothing else of its message", async () => {
      const [first, second] = await held(2);
      const wakes: Wake[] = [];
      const stop = world.store.onWake((wake) => wakes.push(wake));
      expect(await decide("resend", [second as HeldKey])).toEqual([true]);
      await expect.poll(() => wakes).toContainEqual({ kind: "queue", carrierId: world.carrierId });
      stop();
      expect(keysOf(await all())).toEqual([first]);
      expect((await world.claim()).map(({ n }) => n)).toEqual([1]);
      expect(await world.trailOf(second as HeldKey)).toEqual(["in_flight_at_crash", "held", "resent"]);
      expect(await world.store.queueDepths()).toMatchObject([{ waiting: 1, inFlight: 0, held: 1 }]);
    });

    it("ends as canceled, with one event, and what else its message has queued goes on", async () => {
      const { id } = await world.endpoint({ events: ["message_updated"] });
      const keys = await world.accept({ targets: 3, leased: true });
      const [waiting, ...flying] = keys;
      await world.store.markInFlight(flying.map((key) => world.mark(key)));
      await world.store.settleTargets([
        { ...world.base(waiting), markedAt: null, outcome: "released" },
        ...flying.map((key) => ({ ...world.base(key), ...HELD })),
      ]);
      expect(await decide("cancel", keysOf(await all()))).toEqual([true, true]);
      expect(await world.statuses(waiting)).toEqual(["queued", "canceled", "canceled"]);
      expect(await world.trailOf(flying[0] as TargetKey)).toEqual(["unknown_outcome", "canceled"]);
      expect((await world.deliveries(id)).map(({ event }) => event.changed)).toEqual([[1, 2]]);
      expect(await world.store.queueDepths()).toMatchObject([{ waiting: 1, inFlight: 0, held: 0 }]);
    });

    it("is left alone when it is held no longer", async () => {
      const [key] = (await held(1)) as readonly [HeldKey];
      const [waiting] = await world.accept();
      const wrong = [
        { ...waiting, carrierId: world.carrierId },
        { ...key, carrierId: world.id<CarrierId>() },
        { ...key, n: 7 },
      ];
      for (const decision of ["resend", "cancel"] as const)
        expect(await decide(decision, wrong)).toEqual([false, false, false]);
      expect(await decide("resend", [key])).toEqual([true]);
      for (const decision of ["resend", "cancel"] as const)
        expect(await decide(decision, [key])).toEqual([false]);
      expect(await world.statuses(key)).toEqual(["queued"]);
      expect((await world.claim()).map(({ messageId }) => messageId)).toEqual([
        waiting.messageId,
        key.messageId,
      ]);
    });

    it("is told and decided about when its message is deleted, of which nothing more is told", async () => {
      const { id } = await world.endpoint({ events: ["message_updated"] });
      const [key] = (await held(1)) as readonly [HeldKey];
      await world.store.deleteMessages([{ ...key, at: world.now(), eventId: world.id<EventId>() }]);
      expect(keysOf(await all())).toEqual([key]);
      expect(await decide("cancel", [key])).toEqual([true]);
      expect(await all()).toEqual([]);
      expect(await world.deliveries(id)).toEqual([]);
    });
  });
}
