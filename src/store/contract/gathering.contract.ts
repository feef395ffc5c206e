import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { firstIdAt } from "../../domain/ids.ts";
import { UNOWNED } from "../../domain/inbound.ts";
import type { Gathering, KeptPart } from "../gathering.ts";
import { Handset, MINUTE_MS, texts } from "./handset.ts";
import { type ContractEngine, HOUR_MS, type OpenEngine, World } from "./world.ts";

/** Parts of inbound messages, and whole inbound messages. */
export function gatheringContract(open: OpenEngine): void {
  describe("gathering", () => {
    let engine: ContractEngine;
    let world: World;
    let handset: Handset;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
      handset = new Handset(world);
    });
    afterAll(() => engine.dispose());

    const part: Handset["part"] = (...words) => handset.part(...words);
    const reception: Handset["reception"] = (...wishes) => handset.reception(...wishes);
    const found: Handset["found"] = (...before) => handset.found(...before);

    it("answers a gathering once it is complete, its parts in order, whatever order they came in", async () => {
      const total = 3;
      const first = part(3, "c", { total });
      expect(await world.store.keepParts([first])).toEqual([]);
      expect(await world.store.keepParts([part(1, "a", { total })])).toEqual([]);
      const complete = await world.store.keepParts([part(2, "b", { total })]);
      expect(texts(complete)).toEqual([["1:a", "2:b", "3:c"]]);
      expect(complete[0]).toMatchObject({ ...handset.key({ total }), firstAt: first.at });
    });

    it("keeps a part exactly as it came, also when it ends within a character", async () => {
      const halves = ["one \u{D83D}", "\u{DE00} two"];
      const content = { encoding: "binary", text: "", data: "00ff", udh: "0504158a0000" } as const;
      const parts = halves.map((text, index) => part(index + 1, text, { total: 3 }));
      const [whole] = await world.store.keepParts([...parts, part(3, "", { total: 3, content })]);
      expect(whole?.parts.map(({ content: kept }) => kept.text)).toEqual([...halves, ""]);
      expect(whole?.parts[2]?.content).toEqual(content);
    });

    it("makes each message whole once, however parts of several are mixed and repeated", async () => {
      const sent = fc
        .array(fc.integer({ min: 2, max: 5 }), { minLength: 1, maxLength: 4 })
        .chain((totals) => {
          const parts = totals.flatMap((total, reference) =>
            Array.from({ length: total }, (_, index) => ({ reference, total, sequence: index + 1 })),
          );
          const repeats = fc.array(fc.constantFrom(...parts), { maxLength: 6 });
          const mixed = repeats.chain((extra) => {
            const all = [...parts, ...extra];
            return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
          });
          return fc.record({ totals: fc.constant(totals), mixed, batch: fc.integer({ min: 1, max: 7 }) });
        });
      await fc.assert(
        fc.asyncProperty(sent, async ({ totals, mixed, batch }) => {
          const source = world.id();
          const whole: Gathering[] = [];
          for (let start = 0; start < mixed.length; start += batch) {
            const parts = mixed.slice(start, start + batch);
            const kept = parts.map((one) =>
              part(one.sequence, `${one.reference}.${one.sequence}`, { ...one, source }),
            );
            const completed = await world.store.keepParts(kept);
            await handset.store(completed);
            whole.push(...completed);
          }
          const found = texts(whole.toSorted((a, b) => a.reference - b.reference));
          const expected = totals.map((total, reference) =>
            Array.from({ length: total }, (_, index) => `${index + 1}:${reference}.${index + 1}`),
          );
          expect(found).toEqual(expected);
        }),
        { numRuns: 40 },
      );
    });

    it("keeps apart what differs in carrier, handset, number, reference or total", async () => {
      const others: Partial<KeptPart>[] = [
        { carrierId: world.id() },
        { source: "+31617" },
        { destination: "3198" },
        { reference: 8 },
        { total: 3 },
      ];
      await world.store.keepParts([part(1, "a")]);
      expect(await world.store.keepParts(others.map((other) => part(2, "x", other)))).toEqual([]);
      expect(texts(await world.store.keepParts([part(2, "b")]))).toEqual([["1:a", "2:b"]]);
    });

    it("is not changed by a part that is repeated before, at and after completion", async () => {
      await world.store.keepParts([part(1, "a"), part(1, "a")]);
      const complete = await world.store.keepParts([part(2, "b"), part(2, "b"), part(1, "a")]);
      expect(texts(complete)).toEqual([["1:a", "2:b"]]);
      await handset.store(complete);
      world.passes(10 * MINUTE_MS - 1_000);
      expect(await world.store.keepParts([part(1, "a"), part(2, "b")])).toEqual([]);
      expect(await found(world.in(HOUR_MS))).toEqual([]);
    });

    it("takes the same parts for a new message 10 minutes after the first was put together", async () => {
      await handset.store(await world.store.keepParts([part(1, "a"), part(2, "b")]));
      world.passes(10 * MINUTE_MS + 1);
      const again = await world.store.keepParts([part(1, "a"), part(2, "b")]);
      expect(texts(again)).toEqual([["1:a", "2:b"]]);
    });

    it("takes other words under a reference that was used a moment ago for another message", async () => {
      await handset.store(await world.store.keepParts([part(1, "a"), part(2, "b")]));
      const other = await world.store.keepParts([part(1, "c"), part(2, "d")]);
      expect(texts(other)).toEqual([["1:c", "2:d"]]);
    });

    it("never drops a part that comes after the wait for it ended", async () => {
      await world.store.keepParts([part(1, "a")]);
      await handset.store(await found(world.in(HOUR_MS)));
      expect(await world.store.keepParts([part(2, "b")])).toEqual([]);
      expect(texts(await found(world.in(HOUR_MS)))).toEqual([["2:b"]]);
    });

    it("finds gatherings whose first part came before a time, and complete ones at once", async () => {
      await world.store.keepParts([part(1, "old")]);
      const between = world.now();
      await world.store.keepParts([part(1, "young", { reference: 8 })]);
      expect(texts(await found(between))).toEqual([["1:old"]]);
      await world.store.keepParts([part(2, "whole", { reference: 8 })]);
      expect(texts(await found(between))).toEqual([["1:old"], ["1:young", "2:whole"]]);
      expect(await world.store.findGatherings(world.in(HOUR_MS), 1)).toHaveLength(1);
    });

    it("finds after a restart what was complete and not stored, and no longer once it is", async () => {
      await world.store.keepParts([part(1, "a"), part(2, "b")]);
      await engine.reopen();
      const [left] = await found();
      if (left === undefined) throw new Error("the gathering was kept");
      expect(await handset.store([left])).toEqual(["received"]);
      expect(await found()).toEqual([]);
      await engine.reopen();
      expect(await world.store.keepParts([part(1, "a"), part(2, "b")])).toEqual([]);
    });

    it("stores an inbound message as it is, and announces it to its customer", async () => {
      const { id } = await world.endpoint();
      const entry = reception();
      expect(await world.store.receiveMessages([entry])).toEqual([{ kind: "received" }]);
      const { customerId, id: messageId } = entry.message;
      expect(await world.store.getMessage({ customerId, messageId })).toEqual(entry.message);
      const [delivery, ...others] = await world.deliveries(id);
      expect(others).toEqual([]);
      expect(delivery?.event).toMatchObject({ id: entry.eventId, messageId, type: "message_created" });
      expect(delivery?.message).toEqual(entry.message);
    });

    it("takes a gathering for one message alone", async () => {
      const complete = await world.store.keepParts([part(1, "a"), part(2, "b")]);
      const outcomes = await Promise.all([handset.store(complete), handset.store(complete)]);
      expect(outcomes.flat().toSorted()).toEqual(["received", "repeated"]);
      const listed = { customerId: world.customerId, before: null, limit: 10, targetLimit: 100 };
      expect(await world.store.listMessages(listed)).toHaveLength(1);
    });

    it("knows a carrier's own id again for 10 minutes, each carrier's apart", async () => {
      const transportId = { carrierId: world.carrierId, id: "T-1" };
      const elsewhere = { carrierId: world.id<typeof world.carrierId>(), id: "T-1" };
      const entries = [transportId, transportId, elsewhere].map((id) => reception({ transportId: id }));
      const kinds = (await world.store.receiveMessages(entries)).map(({ kind }) => kind);
      expect(kinds).toEqual(["received", "repeated", "received"]);
      world.passes(10 * MINUTE_MS - 1_000);
      expect(await world.store.receiveMessages([reception({ transportId })])).toEqual([{ kind: "repeated" }]);
      world.passes(2_000);
      expect(await world.store.receiveMessages([reception({ transportId })])).toEqual([{ kind: "received" }]);
    });

    it("keeps a message that nobody owns, and announces it to nobody", async () => {
      const { id } = await world.endpoint({ customerId: UNOWNED });
      const message = handset.message(UNOWNED);
      await world.store.receiveMessages([reception({ message })]);
      expect(await world.store.getMessage({ customerId: UNOWNED, messageId: message.id })).toEqual(message);
      const before = firstIdAt(world.in(1_000));
      const page = await world.store.listMessages({ customerId: UNOWNED, before, limit: 1, targetLimit: 9 });
      expect(page).toEqual([message]);
      expect(await world.deliveries(id)).toEqual([]);
    });
  });
}
