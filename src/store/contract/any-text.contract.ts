import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { OptOutPeriod } from "../opting-out.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** What carriers and handsets send may hold any character; an engine that has none of U+0000 keeps U+FFFD in its place. */
export function anyTextContract(open: OpenEngine): void {
  describe("any text", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    it("is taken in a single row, U+0000 in it", async () => {
      const { customerId } = world;
      const [sender, handset] = ["+821028286521", "+31600000000"];
      const period: OptOutPeriod = {
        id: world.id(),
        customerId,
        sender,
        handset,
        since: world.now(),
        until: null,
        beganBy: "keyword:STOP\0",
        endedBy: "",
      };
      await world.store.beginOptOut(period);
      await world.store.endOptOut(customerId, sender, handset, world.now(), "keyword:START\0");
      const every = { sender: null, handset: null, lasting: false, before: null, limit: 10 };
      const [ended] = await world.store.listOptOuts({ customerId, ...every });
      expect(ended?.beganBy).toMatch(/^keyword:STOP[\0\uFFFD]$/);
      expect(ended?.endedBy).toMatch(/^keyword:START[\0\uFFFD]$/);
    });

    it("is taken in a list of rows, U+0000 in it", async () => {
      const entry = world.acceptance({ text: "hello\0" });
      await world.store.acceptMessages([entry]);
      const { customerId, id: messageId } = entry.message;
      const kept = await world.store.getMessage({ customerId, messageId });
      expect(kept?.text).toMatch(/^hello[\0\uFFFD]$/);
    });
  });
}
