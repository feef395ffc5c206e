import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NodeId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { OptOutPeriod } from "../opting-out.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** Where every message of a {@link World} comes from, and where its first target goes. */
const [SENDER, HANDSET] = ["+821028286521", "+31600000000"];

/** Opting out of a target that waits in the memory of a process: it was handed over or claimed before. */
export function optedOutInMemoryContract(open: OpenEngine): void {
  describe("opting out of what waits in memory", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const period = (wishes: Partial<OptOutPeriod> = {}): OptOutPeriod => {
      const { customerId } = world;
      const words = { beganBy: "keyword:STOP", endedBy: "" };
      const between = { sender: SENDER, handset: HANDSET, since: world.now(), until: null };
      return { id: world.id(), customerId, ...between, ...words, ...wishes };
    };

    it("ends that target when it is to be marked, with an event, and marks the others", async () => {
      const { id } = await world.endpoint({ events: ["message_updated"] });
      const [first, second] = await world.accept({ targets: 2, leased: true });
      if (second === undefined) throw new Error("there are two targets");
      await world.store.beginOptOut(period());
      const marks = [first, second].map((key) => world.mark(key));
      expect(await world.store.markInFlight(marks)).toEqual([false, true]);
      const message = await world.store.getMessage(first);
      expect(message?.targets).toMatchObject([
        { status: "failed", failure: { code: "recipient_opted_out" } },
        { status: "queued" },
      ]);
      expect(await world.trailOf(first)).toEqual(["opted_out"]);
      expect((await world.deliveries(id))[0]?.event.changed).toEqual([0]);
      const depths = await world.store.queueDepths();
      const depth = depths.find(({ carrierId }) => carrierId === world.carrierId);
      expect(depth).toMatchObject({ waiting: 0, inFlight: 1, held: 0 });
      expect(await world.store.markInFlight([world.mark(first)])).toEqual([false]);
    });

    it("ends it too when it was claimed, and when its message was deleted", async () => {
      const [claimed] = await world.accept();
      await world.claim();
      const [deleted] = await world.accept({ leased: true });
      await world.store.deleteMessages([{ ...deleted, at: world.now(), eventId: world.id() }]);
      await world.store.beginOptOut(period());
      const marks = [claimed, deleted].map((key) => world.mark(key));
      expect(await world.store.markInFlight(marks)).toEqual([false, false]);
      expect(await world.trailOf(claimed)).toEqual(["opted_out"]);
    });

    it("lets pass what was accepted later, what another customer sends, and what goes on from another number", async () => {
      const others = await world.accept({ leased: true });
      const { customerId } = world;
      const between = [
        { customerId: world.otherCustomerId },
        { sender: "+1555" },
        { handset: "+31700000000" },
      ];
      for (const wishes of between) await world.store.beginOptOut(period(wishes));
      expect(await world.store.markInFlight(others.map((key) => world.mark(key)))).toEqual([true]);
      await world.store.beginOptOut(period({ customerId, since: micros(world.now() - 1_000) }));
      const later = await world.accept({ leased: true });
      expect(await world.store.markInFlight(later.map((key) => world.mark(key)))).toEqual([true]);
    });

    it("lets pass what waits once the opt-out is lifted", async () => {
      const [key] = await world.accept({ leased: true });
      await world.store.beginOptOut(period());
      await world.store.endOptOut(world.customerId, SENDER, HANDSET, world.now(), "keyword:START");
      expect(await world.store.markInFlight([world.mark(key)])).toEqual([true]);
    });

    it("leaves what another node has, and what is in flight", async () => {
      const [key] = await world.accept({ leased: true });
      const [flying] = await world.inFlight();
      await world.store.beginOptOut(period());
      const node = world.id<NodeId>();
      const marks = [world.mark(key, { node }), world.mark(flying)];
      expect(await world.store.markInFlight(marks)).toEqual([false, false]);
      expect([await world.statuses(key), await world.statuses(flying)]).toEqual([["queued"], ["queued"]]);
    });
  });
}
