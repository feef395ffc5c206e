import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CarrierId } from "../../domain/ids.ts";
import { UNKNOWN_ATTEMPTS_MAX } from "../../domain/unknown-outcome.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** A target is not sent again without end because processes die with it in flight. */
export function unknownAttemptsContract(open: OpenEngine): void {
  describe("attempts of unknown outcome", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const recover = () => {
      const { carrierId, otherNode } = world;
      const request = { carrierId, liveNodes: [otherNode], policy: "resend", limit: 100 } as const;
      return world.store.recoverTargets({ ...request, now: world.now() });
    };

    /** A target in flight for the last time that it may be. */
    async function inFlightAgainAndAgain() {
      const [key] = await world.inFlight();
      for (let crash = 1; crash < UNKNOWN_ATTEMPTS_MAX; crash++) {
        await recover();
        expect(await world.claim()).toHaveLength(1);
        await world.store.markInFlight([world.mark(key)]);
      }
      return key;
    }

    it("end with a hold that says why, and are one more when an operator wants it", async () => {
      const key = await inFlightAgainAndAgain();
      expect(await recover()).toEqual({ released: 0, unknown: 1, more: false });
      expect(await world.claim()).toEqual([]);
      const [trail] = (await world.store.getTrails(key)) ?? [];
      const { carrierId: carrier } = world;
      expect(trail?.slice(-2)).toMatchObject([
        { what: "in_flight_at_crash", carrier, attempt: 5 },
        { what: "held", carrier, words: "not sent again by itself after 5 attempts" },
      ]);
      const held = [{ ...key, carrierId: carrier }];
      expect(await world.store.decideHeld("resend", held, world.now())).toEqual([true]);
      expect(await world.claim()).toMatchObject([{ messageId: key.messageId, attempts: 5 }]);
    });

    it("count on at another carrier that takes over what was not answered for", async () => {
      const next = world.id<CarrierId>();
      const [key] = await world.inFlight({ fallbacks: [next] });
      const moved = {
        outcome: "rerouted",
        nextCarrierId: next,
        fallbacks: [],
        parts: 1,
        attempts: 1,
      } as const;
      await world.store.settleTargets([{ ...world.base(key), ...moved, dueAt: world.now() }]);
      expect(await world.claim(10, next)).toMatchObject([{ messageId: key.messageId, attempts: 1 }]);
    });

    it("do not hold what was only leased, however often it was sent before", async () => {
      const key = await inFlightAgainAndAgain();
      const once = { outcome: "retry", partStates: "", receiptKeys: [null], receiptDueAt: null } as const;
      await world.store.settleTargets([{ ...world.base(key), ...once, dueAt: world.now() }]);
      await world.claim();
      expect(await recover()).toEqual({ released: 1, unknown: 0, more: false });
      expect(await world.claim()).toMatchObject([{ messageId: key.messageId, attempts: 5 }]);
    });
  });
}
