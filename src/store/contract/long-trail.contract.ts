import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TargetKey } from "../../domain/message.ts";
import { TRAIL_MAX_CHARACTERS, type TrailEntry } from "../../domain/trail.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

const RETRY = { outcome: "retry", partStates: "", receiptKeys: [null], receiptDueAt: null } as const;

/** What is kept of a target's way that is very long. */
export function longTrailContract(open: OpenEngine): void {
  describe("a long trail", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    /** Ends an attempt with these facts, and begins the next. */
    async function again(key: TargetKey, trail: readonly TrailEntry[]): Promise<void> {
      await world.store.settleTargets([{ ...world.base(key), ...RETRY, dueAt: world.now(), trail }]);
      await world.claim();
      await world.store.markInFlight([world.mark(key)]);
    }

    function factsOf(count: number): readonly TrailEntry[] {
      return Array.from({ length: count }, (_, n) => ({ at: world.now(), what: "sent", words: `fact ${n}` }));
    }

    it("keeps its beginning and its end, and says once that there was more", async () => {
      const [key] = await world.inFlight();
      const sent: TrailEntry[] = [];
      const odd = `"\\ ,{"at":1,"what":"${"\u0001".repeat(60)}é`;
      for (let round = 0; round < 30; round++) {
        const trail = [{ at: world.now(), what: "retried", words: `${round} ${odd}` }];
        sent.push(...trail);
        await again(key, trail);
      }
      const last = { at: world.now(), what: "sent" };
      await world.store.settleTargets([{ ...world.sent(key, [null]), trail: [last] }]);
      const [kept = []] = (await world.store.getTrails(key)) ?? [];
      const cut = kept.findIndex(({ what }) => what === "left_out");
      expect(cut).toBeGreaterThan(2);
      expect(kept.slice(0, cut)).toEqual(sent.slice(0, cut));
      expect(kept[cut]).toEqual({ at: sent[cut]?.at, what: "left_out" });
      const end = kept.slice(cut + 1);
      expect(end.length).toBeGreaterThan(5);
      expect(end).toEqual([...sent, last].slice(-end.length));
      expect(JSON.stringify(kept).length).toBeLessThanOrEqual(TRAIL_MAX_CHARACTERS);
    });

    it("is kept whole while it is just as long as it may be, and not with one character more", async () => {
      const facts = factsOf(140);
      const others = JSON.stringify([...facts, { at: world.now(), what: "receipt", words: "" }]);
      const room = TRAIL_MAX_CHARACTERS - (others.length - "[]".length);
      const keptOf = async (key: TargetKey, characters: number) => {
        const last = { at: world.now(), what: "receipt", words: "x".repeat(characters) };
        await again(key, facts);
        await world.store.settleTargets([{ ...world.sent(key, [null]), trail: [last] }]);
        return { kept: (await world.store.getTrails(key))?.[key.n], all: [...facts, last] };
      };
      const [whole] = await world.inFlight();
      const just = await keptOf(whole, room);
      expect(just.kept).toEqual(just.all);
      const [cut] = await world.inFlight();
      const over = await keptOf(cut, room + 1);
      expect(over.kept?.length).toBeLessThan(just.all.length);
      expect(over.kept?.at(-1)).toEqual(over.all.at(-1));
    });

    it("may be one that comes all at once", async () => {
      const [key] = await world.inFlight();
      const facts = factsOf(300);
      const first = { at: world.now(), what: "retried" };
      await again(key, [first]);
      await world.store.settleTargets([{ ...world.sent(key, [null]), trail: facts }]);
      const [kept = []] = (await world.store.getTrails(key)) ?? [];
      expect(kept.filter(({ what }) => what === "left_out")).toHaveLength(1);
      expect([kept.at(0), kept.at(-1)]).toEqual([first, facts.at(-1)]);
    });
  });
}
