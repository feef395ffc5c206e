import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { micros } from "../../domain/micros.ts";
import type { OptOutPeriod } from "../opting-out.ts";
import { type ContractEngine, HOUR_MS, type OpenEngine, World } from "./world.ts";

/** Where every message of a {@link World} comes from, and where its first target goes. */
const [SENDER, HANDSET] = ["+821028286521", "+31600000000"];

/** Who does not want to hear from whom, in dated periods. */
export function optingOutContract(open: OpenEngine): void {
  describe("opting out", () => {
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

    const optedOut = async (handsets: readonly string[] = [HANDSET], sender = SENDER) => [
      ...(await world.store.optedOut(world.customerId, sender, handsets)),
    ];

    const all = { sender: null, handset: null, lasting: false, before: null, limit: 100 };
    const list = (wishes: Partial<typeof all> | Record<string, unknown> = {}) =>
      world.store.listOptOuts({ customerId: world.customerId, ...all, ...wishes });

    it("begins a period once, and answers the one that lasts", async () => {
      const first = period();
      expect(await world.store.beginOptOut(first)).toEqual(first);
      expect(await world.store.beginOptOut(period({ beganBy: "api" }))).toEqual(first);
      expect(await list()).toEqual([first]);
    });

    it("ends the period that lasts, and begins a new one after it: none is ever lost", async () => {
      const { customerId } = world;
      const first = await world.store.beginOptOut(period());
      const at = world.now();
      const ended = { ...first, until: at, endedBy: "keyword:START" };
      expect(await world.store.endOptOut(customerId, SENDER, HANDSET, at, "keyword:START")).toEqual(ended);
      expect(await world.store.endOptOut(customerId, SENDER, HANDSET, at, "again")).toBeNull();
      expect(await optedOut()).toEqual([]);
      const second = await world.store.beginOptOut(period());
      expect(await list()).toEqual([second, ended]);
      expect(await list({ lasting: true })).toEqual([second]);
    });

    it("says which handsets opted out of one sender, of one customer", async () => {
      expect(await optedOut()).toEqual([]);
      await world.store.beginOptOut(period());
      expect(await optedOut(["+31600000001", HANDSET])).toEqual([HANDSET]);
      expect(await optedOut([HANDSET], "+1555")).toEqual([]);
      expect(await world.store.optedOut(world.otherCustomerId, SENDER, [HANDSET])).toEqual(new Set());
    });

    it("knows a number with its plus and without, and answers it as it was asked", async () => {
      await world.store.beginOptOut(period({ sender: SENDER.slice(1), handset: HANDSET.slice(1) }));
      expect(await optedOut([HANDSET, HANDSET.slice(1)])).toEqual([HANDSET, HANDSET.slice(1)]);
      expect(await list({ handset: HANDSET })).toHaveLength(1);
      expect(
        await world.store.endOptOut(world.customerId, SENDER, HANDSET, world.now(), "api"),
      ).not.toBeNull();
    });

    it("answers for 1,000 handsets at once", async () => {
      const handsets = Array.from({ length: 1_000 }, (_, n) => `+3161${String(n).padStart(6, "0")}`);
      const stopped = handsets.filter((_, n) => n % 3 === 0);
      await Promise.all(stopped.map((handset) => world.store.beginOptOut(period({ handset }))));
      expect(await optedOut(handsets)).toEqual(stopped);
    });

    it("lists newest first, page by page, by sender and by handset", async () => {
      const periods = [period(), period({ sender: "ACME" }), period({ handset: "+31700000000" })];
      for (const begun of periods) await world.store.beginOptOut(begun);
      const [oldest, acme, other] = periods;
      expect(await list({ limit: 2 })).toEqual([other, acme]);
      expect(await list({ before: acme?.id ?? "" })).toEqual([oldest]);
      expect(await list({ sender: "acme" })).toEqual([acme]);
      expect(await list({ handset: HANDSET, lasting: true })).toEqual([acme, oldest]);
      expect(await list({ handset: HANDSET, sender: SENDER })).toEqual([oldest]);
      expect(await world.store.listOptOuts({ ...all, customerId: world.otherCustomerId })).toEqual([]);
    });

    it("goes on after a restart", async () => {
      await world.store.beginOptOut(period());
      await engine.reopen();
      expect(await optedOut()).toEqual([HANDSET]);
    });

    describe("of a handset whose message waits in the queue", () => {
      it("ends that target when it is claimed, with an event, and leaves the others", async () => {
        const { id } = await world.endpoint({ events: ["message_updated"] });
        const [first, second] = await world.accept({ targets: 2 });
        await world.store.beginOptOut(period());
        expect((await world.claim()).map(({ n }) => n)).toEqual([second?.n]);
        const message = await world.store.getMessage(first);
        expect(message?.targets[0]).toMatchObject({
          status: "failed",
          failure: { code: "recipient_opted_out" },
        });
        expect(message?.targets[1]?.status).toBe("queued");
        expect(await world.trailOf(first)).toEqual(["opted_out"]);
        expect(await world.store.markInFlight([world.mark(first)])).toEqual([false]);
        expect((await world.deliveries(id))[0]?.event.changed).toEqual([0]);
        const depths = await world.store.queueDepths();
        const depth = depths.find(({ carrierId }) => carrierId === world.carrierId);
        expect(depth).toMatchObject({ waiting: 1, inFlight: 0, held: 0 });
      });

      it("ends a scheduled target when its time has come", async () => {
        const [key] = await world.accept({ status: "scheduled", dueAt: world.in(HOUR_MS) });
        await world.store.beginOptOut(period());
        expect(await world.statuses(key)).toEqual(["scheduled"]);
        world.passes(HOUR_MS + 1);
        expect(await world.claim()).toEqual([]);
        expect(await world.statuses(key)).toEqual(["failed"]);
      });

      it("lets pass what was accepted after the opt-out: it was checked then, or answers it", async () => {
        await world.store.beginOptOut(period({ since: micros(world.now() - 1_000) }));
        const [key] = await world.accept();
        expect(await world.claim()).toHaveLength(1);
        expect(await world.statuses(key)).toEqual(["queued"]);
      });

      it("lets pass what waits once the opt-out is lifted", async () => {
        await world.accept();
        await world.store.beginOptOut(period());
        await world.store.endOptOut(world.customerId, SENDER, HANDSET, world.now(), "keyword:START");
        expect(await world.claim()).toHaveLength(1);
      });
    });
  });
}
