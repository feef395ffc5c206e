import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { micros } from "../../domain/micros.ts";
import type { OptOutPeriod } from "../opting-out.ts";
import type { Wake } from "../store.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** An opt-out is told as other changes are: processes may have marked what it is to stop. */
export function tellingOptOutsContract(open: OpenEngine): void {
  describe("telling of opt-outs", () => {
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
      const between = { sender: "+821028286521", handset: "+31600000000", since: world.now(), until: null };
      return { id: world.id(), customerId, ...between, beganBy: "keyword:STOP", endedBy: "", ...wishes };
    };

    it("happens once it is durable, and whenever it is asked for", async () => {
      const heard: Wake[] = [];
      const stop = world.store.onWake((wake) => wake.kind === "opt-out" && heard.push(wake));
      const { customerId } = world;
      const { since } = await world.store.beginOptOut(period({ sender: "ACME & Co" }));
      const told = { kind: "opt-out", customerId, sender: "acme & co", handset: "31600000000", since };
      await expect.poll(() => heard).toEqual([told]);
      await world.store.beginOptOut(period({ sender: "ACME & Co", since: micros(since + 1_000) }));
      await expect.poll(() => heard).toEqual([told, told]);
      stop();
    });
  });
}
