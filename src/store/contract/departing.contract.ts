import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TargetKey } from "../../domain/message.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** Targets that are marked in flight with their message (promise P3 without a commit of its own). */
export function departingContract(open: OpenEngine): void {
  describe("departing", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    async function depart(): Promise<TargetKey> {
      const { carrierId } = world;
      const [key] = await world.accept({ leased: true, marks: [{ carrierId, bind: 2, epoch: 9 }] });
      return key;
    }

    const depth = async () =>
      (await world.store.queueDepths()).find(({ carrierId }) => carrierId === world.carrierId);

    it("is in flight from the start, and claimed and marked by nobody", async () => {
      const key = await depart();
      expect(await depth()).toMatchObject({ waiting: 0, inFlight: 1, held: 0 });
      expect(await world.claim()).toEqual([]);
      const { carrierId, node } = world;
      const mark = { ...key, carrierId, node, bind: 2, epoch: 9, at: world.now() };
      expect(await world.store.markInFlight([mark])).toEqual([false]);
    });

    it("is settled as any other", async () => {
      const key = await depart();
      const [result] = await world.store.settleTargets([world.sent(key, ["departed-1"])]);
      expect(result).toEqual({ kind: "applied", status: "sent" });
      expect(await depth()).toMatchObject({ waiting: 0, inFlight: 0, held: 0 });
    });

    it("does not count as an attempt when it is given back unsent", async () => {
      const key = await depart();
      await world.store.settleTargets([{ ...world.base(key), outcome: "released" }]);
      expect(await world.claim()).toMatchObject([{ messageId: key.messageId, attempts: 0 }]);
    });

    it("is of unknown outcome when its process ends", async () => {
      const key = await depart();
      const { carrierId, node, otherNode } = world;
      const request = {
        carrierId,
        liveNodes: [otherNode],
        policy: "resend",
        now: world.now(),
        limit: 10,
      } as const;
      expect(await world.store.recoverTargets(request)).toEqual({ released: 0, unknown: 1, more: false });
      const [trail] = (await world.store.getTrails(key)) ?? [];
      const facts = { what: "in_flight_at_crash", node, carrier: carrierId, bind: 2, attempt: 1 };
      expect(trail).toMatchObject([facts]);
      expect(await world.claim()).toMatchObject([{ messageId: key.messageId, attempts: 1 }]);
    });
  });
}
