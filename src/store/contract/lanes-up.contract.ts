import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NodeId } from "../../domain/ids.ts";
import type { Micros } from "../../domain/micros.ts";
import type { LeaseRequest } from "../leasing.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

const LEASE_MS = 10_000;

/** What nodes tell each other of a carrier's lanes, with the slots that they hold. */
export function lanesUpContract(open: OpenEngine): void {
  describe("lanes up", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    /** Renews a node's leases, and says when it had a lane up; answers what it hears of the others. */
    const say = async (node: NodeId, upAt: Micros | null, wishes: Partial<LeaseRequest> = {}) => {
      const { carrierId } = world;
      const times = { now: world.now(), expiresAt: world.in(LEASE_MS) };
      const request = { carrierId, slots: 2, want: 1, node, ...times, upAt, ...wishes };
      return (await world.store.leaseBinds(request)).upElsewhereAt;
    };

    it("are heard of by the others, and not by whoever says it", async () => {
      const upAt = world.now();
      expect(await say(world.node, upAt)).toBeNull();
      expect(await say(world.otherNode, null)).toBe(upAt);
      expect(await say(world.node, upAt)).toBeNull();
    });

    it("are heard of by a node that holds no slot", async () => {
      const upAt = world.now();
      await say(world.node, upAt, { want: 2 });
      expect(await say(world.otherNode, null)).toBe(upAt);
    });

    it("are not heard of where none was up yet, nor of another carrier", async () => {
      await say(world.node, world.now(), { carrierId: world.id() });
      await say(world.node, null);
      expect(await say(world.otherNode, null)).toBeNull();
    });

    it("are heard of as they were last, by whoever had them up last", async () => {
      const third = world.id<NodeId>();
      const [first, second] = [world.now(), world.in(1_000)];
      await say(world.node, first, { slots: 3 });
      await say(world.otherNode, second, { slots: 3 });
      expect(await say(third, null, { slots: 3 })).toBe(second);
      const last = world.in(2_000);
      await say(world.node, last, { slots: 3 });
      expect(await say(third, null, { slots: 3 })).toBe(last);
    });

    it("stay known when their node died, and when another has taken the slot", async () => {
      const third = world.id<NodeId>();
      const upAt = world.now();
      await say(world.node, upAt);
      world.passes(LEASE_MS + 1);
      expect(await say(third, null, { want: 0 })).toBe(upAt);
      await say(world.otherNode, null);
      expect(await say(third, null)).toBe(upAt);
      const later = world.now();
      await say(world.otherNode, later);
      expect(await say(third, null)).toBe(later);
    });

    it("stay known when their node let go of the slot, and when it left", async () => {
      const { node, otherNode, carrierId, store } = world;
      const upAt = world.now();
      await say(node, upAt);
      await store.releaseBinds(node, { carrierId, slots: [0, 1] });
      expect(await say(otherNode, null, { want: 0 })).toBe(upAt);
      await say(node, null);
      await store.releaseBinds(node, null);
      expect(await say(otherNode, null, { want: 0 })).toBe(upAt);
    });
  });
}
