import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DISPLACED_LIMIT } from "../displaced-gatherings.ts";
import { Handset, MINUTE_MS, texts } from "./handset.ts";
import { type ContractEngine, HOUR_MS, type OpenEngine, World } from "./world.ts";

/** A reference that comes again with other words while a message still waits under it. */
export function displacingContract(open: OpenEngine): void {
  describe("displacing", () => {
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

    it("mixes no two messages under one reference, and gives out what came of the first in its time", async () => {
      await world.store.keepParts([part(1, "A1")]);
      const between = world.now();
      expect(await world.store.keepParts([part(1, "B1")])).toEqual([]);
      const complete = await world.store.keepParts([part(2, "B2")]);
      expect(texts(complete)).toEqual([["1:B1", "2:B2"]]);
      expect(await handset.store(complete)).toEqual(["received"]);
      await engine.reopen();
      const waiting = await handset.found(between);
      expect(texts(waiting)).toEqual([["1:A1"]]);
      expect(waiting[0]).toMatchObject({ source: handset.key().source, total: 2 });
      expect(await handset.store(waiting)).toEqual(["received"]);
      expect(await handset.found(world.in(HOUR_MS))).toEqual([]);
    });

    it("knows a repeat of each of them, before and after they are stored", async () => {
      await world.store.keepParts([part(1, "A1")]);
      await world.store.keepParts([part(1, "B1")]);
      expect(await world.store.keepParts([part(1, "A1"), part(1, "B1")])).toEqual([]);
      const complete = await world.store.keepParts([part(2, "B2")]);
      expect(texts(complete)).toEqual([["1:B1", "2:B2"]]);
      await handset.store(complete);
      expect(await world.store.keepParts([part(1, "A1")])).toEqual([]);
      await handset.store(await handset.found(world.in(HOUR_MS)));
      world.passes(10 * MINUTE_MS - 1_000);
      expect(await world.store.keepParts([part(1, "A1"), part(1, "B1"), part(2, "B2")])).toEqual([]);
      expect(await handset.found(world.in(HOUR_MS))).toEqual([]);
    });

    it("takes the words of a displaced message for a new one 10 minutes after it was stored", async () => {
      await world.store.keepParts([part(1, "A1")]);
      await world.store.keepParts([part(1, "B1")]);
      await handset.store(await handset.found(world.in(HOUR_MS)));
      world.passes(10 * MINUTE_MS + 1);
      await world.store.keepParts([part(1, "A1")]);
      expect(texts(await handset.found(world.in(HOUR_MS)))).toEqual([["1:A1"]]);
    });

    it("finds a message again that was whole and had to make way before it was stored", async () => {
      const complete = await world.store.keepParts([part(1, "A1"), part(2, "A2")]);
      await world.store.keepParts([part(1, "B1")]);
      expect(await handset.store(complete)).toEqual(["repeated"]);
      const found = await handset.found();
      expect(texts(found)).toEqual([["1:A1", "2:A2"]]);
      expect(await handset.store(found)).toEqual(["received"]);
      expect(texts(await handset.found(world.in(HOUR_MS)))).toEqual([["1:B1"]]);
    });

    it("takes no gathering to which a part came after it was read", async () => {
      const total = 3;
      await world.store.keepParts([part(1, "a", { total })]);
      const found = await handset.found(world.in(HOUR_MS));
      await world.store.keepParts([part(2, "b", { total })]);
      expect(await handset.store(found)).toEqual(["repeated"]);
      expect(texts(await handset.found(world.in(HOUR_MS)))).toEqual([["1:a", "2:b"]]);
    });

    it("refuses one message more than may wait under a reference, and loses none of them", async () => {
      const words = Array.from({ length: DISPLACED_LIMIT + 1 }, (_, index) => `m${index}`);
      await world.store.keepParts(words.map((word) => part(1, word)));
      const oneMore = part(1, "one more");
      await expect(world.store.keepParts([oneMore])).rejects.toMatchObject({ reason: "busy" });
      const found = await handset.found(world.in(HOUR_MS));
      expect(texts(found)).toEqual(words.map((word) => [`1:${word}`]));
      await handset.store(found);
      world.passes(10 * MINUTE_MS + 1);
      await world.store.receiveMessages([handset.reception()]); // forgets some of what is known of old ones
      expect(await world.store.keepParts([oneMore])).toEqual([]);
    });
  });
}
