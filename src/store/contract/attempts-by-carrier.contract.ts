import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CarrierId } from "../../domain/ids.ts";
import type { TargetKey } from "../../domain/message.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** What one carrier would not take after some tries is new to the next. */
export function attemptsByCarrierContract(open: OpenEngine): void {
  describe("attempts by carrier", () => {
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

    const ONCE_MORE = { outcome: "retry", partStates: "", receiptKeys: [null], receiptDueAt: null } as const;

    /** Ends an attempt at a carrier so that there is another; answers it as it is claimed for that. */
    async function tryAgain(key: TargetKey, carrierId = world.carrierId) {
      await world.store.settleTargets([{ ...world.base(key), ...ONCE_MORE, carrierId, dueAt: world.now() }]);
      return world.claim(10, carrierId);
    }

    it.each(["marked", "claimed"] as const)("begin anew when a target that is %s goes on", async (state) => {
      const [key] = await world.inFlight({ fallbacks: [next] });
      expect(await tryAgain(key)).toMatchObject([{ attempts: 1 }]);
      if (state === "marked") await world.store.markInFlight([world.mark(key)]);
      const markedAt = state === "marked" ? world.base(key).markedAt : null;
      const rerouted = { outcome: "rerouted", nextCarrierId: next, fallbacks: [], parts: 1 } as const;
      await world.store.settleTargets([{ ...world.base(key), ...rerouted, markedAt, dueAt: world.now() }]);
      expect(await world.claim(10, next)).toMatchObject([{ attempts: 0 }]);
      await world.store.markInFlight([world.mark(key, { carrierId: next })]);
      expect(await tryAgain(key, next)).toMatchObject([{ attempts: 1 }]);
    });
  });
}
