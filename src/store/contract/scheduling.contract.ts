import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TargetKey } from "../../domain/message.ts";
import type { TargetStatus } from "../../domain/target-status.ts";
import type { Settlement } from "../queueing.ts";
import { HELD, type ContractEngine, HOUR_MS, type OpenEngine, World } from "./world.ts";

/** Scheduled targets: they keep that status until they were sent. An engine for each test: the sweep sees everything. */
export function schedulingContract(open: OpenEngine): void {
  describe("scheduling", () => {
    let engine: ContractEngine;
    let world: World;
    beforeEach(async () => {
      engine = await open();
      world = new World(engine);
    });
    afterEach(() => engine.dispose());

    const sweep = () => world.store.expire({ now: world.now(), limit: 1_000 });

    /** A scheduled message that fell due and is in flight. */
    async function inFlight(): Promise<TargetKey> {
      const [key] = await world.accept({
        status: "scheduled",
        dueAt: world.in(HOUR_MS),
        expiresAt: world.in(2 * HOUR_MS),
      });
      expect(await world.claim()).toEqual([]);
      world.passes(HOUR_MS);
      expect(await world.claim()).toHaveLength(1);
      expect(await world.store.markInFlight([world.mark(key)])).toEqual([true]);
      expect(await world.statuses(key)).toEqual(["scheduled"]);
      return key;
    }

    /** Settles it and answers its status then. */
    async function statusAfter(settlement: Settlement): Promise<TargetStatus | undefined> {
      const [result] = await world.store.settleTargets([settlement]);
      const [status] = await world.statuses(settlement);
      expect(result).toEqual({ kind: "applied", status });
      return status;
    }

    it("ends a held target as dlr_timeout, and tells of it", async () => {
      const { id } = await world.endpoint({ events: ["message_updated"] });
      const key = await inFlight();
      expect(await statusAfter({ ...world.base(key), ...HELD })).toBe("scheduled");
      world.passes(HOUR_MS);
      expect(await sweep()).toMatchObject({ gwTimeouts: 0, dlrTimeouts: 1 });
      expect(await world.statuses(key)).toEqual(["dlr_timeout"]);
      expect(await world.trailOf(key)).toEqual(["expired"]);
      expect((await world.deliveries(id)).map(({ messageId }) => messageId)).toEqual([key.messageId]);
    });

    it("ends one that was put back and never sent as gw_timeout", async () => {
      const key = await inFlight();
      expect(await statusAfter({ ...world.base(key), outcome: "released" })).toBe("scheduled");
      world.passes(HOUR_MS);
      expect(await sweep()).toMatchObject({ gwTimeouts: 1, dlrTimeouts: 0 });
      expect(await world.statuses(key)).toEqual(["gw_timeout"]);
    });

    it.each(["failed", "gw_timeout", "canceled"] as const)("ends one as %s", async (status) => {
      const key = await inFlight();
      const ended = { ...world.base(key), outcome: "failed", status, failure: null } as const;
      expect(await statusAfter(ended)).toBe(status);
    });

    it("moves one on to sent, and ends it by its receipt", async () => {
      const key = await inFlight();
      expect(await statusAfter(world.sent(key, ["late"]))).toBe("sent");
      await world.store.applyReceipts([world.receipt("late")]);
      expect(await world.statuses(key)).toEqual(["delivered"]);
    });

    it.each(["delivered", "failed"] as const)(
      "ends one as %s by a receipt while it waits to go again",
      async (state) => {
        const key = await inFlight();
        const taken = { partStates: "", receiptKeys: ["early"], receiptDueAt: world.in(HOUR_MS) };
        const retry = { ...world.base(key), ...taken, outcome: "retry", dueAt: world.now() } as const;
        expect(await statusAfter(retry)).toBe("scheduled");
        await world.store.applyReceipts([world.receipt("early", { state })]);
        expect(await world.statuses(key)).toEqual([state]);
        expect(await world.claim()).toEqual([]);
      },
    );
  });
}
