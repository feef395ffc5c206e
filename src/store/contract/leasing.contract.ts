import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NodeId } from "../../domain/ids.ts";
import type { LeaseRequest } from "../leasing.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

const LEASE_MS = 10_000;

/** Bind slots: one node's at a time (promise P6). */
export function leasingContract(open: OpenEngine): void {
  describe("leasing", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const lease = async (node: NodeId, wishes: Partial<LeaseRequest> = {}) => {
      const { carrierId } = world;
      const times = { now: world.now(), expiresAt: world.in(LEASE_MS) };
      const request = { carrierId, slots: 3, want: 3, node, ...times, upAt: null, ...wishes };
      return (await world.store.leaseBinds(request)).leases;
    };
    const binds = (leases: Awaited<ReturnType<typeof lease>>) =>
      leases.map(({ bind, epoch }) => [bind, epoch]);

    it("gives each slot to one node", async () => {
      const expiresAt = world.in(LEASE_MS);
      const [first] = await lease(world.node, { want: 1, expiresAt });
      const { carrierId, node } = world;
      expect(first).toEqual({ carrierId, bind: 0, node, epoch: 1, expiresAt });
      expect(binds(await lease(world.otherNode))).toEqual([
        [1, 1],
        [2, 1],
      ]);
      expect(binds(await lease(world.node))).toEqual([[0, 1]]);
    });

    it("keeps the epoch of a slot that is renewed, and raises it when the slot changes hands", async () => {
      await lease(world.node);
      world.passes(LEASE_MS / 2);
      expect(binds(await lease(world.node))).toEqual([
        [0, 1],
        [1, 1],
        [2, 1],
      ]);
      world.passes(LEASE_MS / 2 + 1);
      expect(binds(await lease(world.otherNode))).toEqual([]);
      world.passes(LEASE_MS);
      expect(binds(await lease(world.otherNode))).toEqual([
        [0, 2],
        [1, 2],
        [2, 2],
      ]);
      expect(binds(await lease(world.node))).toEqual([]);
    });

    it("gives a released slot to the next at once, under a new epoch", async () => {
      await lease(world.node);
      const { carrierId } = world;
      await world.store.releaseBinds(world.node, { carrierId, slots: [1] });
      expect(binds(await lease(world.otherNode))).toEqual([[1, 2]]);
      expect(binds(await lease(world.node))).toEqual([
        [0, 1],
        [2, 1],
      ]);
      await world.store.releaseBinds(world.otherNode, { carrierId, slots: [0, 1] });
      expect(binds(await lease(world.node))).toEqual([
        [0, 1],
        [1, 3],
        [2, 1],
      ]);
    });

    it("lets go of more than is wanted, and of slots that the carrier has no more", async () => {
      await lease(world.node);
      expect(binds(await lease(world.node, { want: 1 }))).toEqual([[0, 1]]);
      expect(binds(await lease(world.otherNode))).toEqual([
        [1, 2],
        [2, 2],
      ]);
      expect(binds(await lease(world.otherNode, { slots: 2 }))).toEqual([[1, 2]]);
      expect(binds(await lease(world.node))).toEqual([
        [0, 1],
        [2, 3],
      ]);
    });

    it("lets go of everything that a leaving node has", async () => {
      const { node, otherNode, store } = world;
      await store.heartbeat(node, world.now(), world.in(LEASE_MS));
      await lease(node);
      await store.releaseBinds(node, null);
      expect(binds(await lease(otherNode))).toEqual([
        [0, 2],
        [1, 2],
        [2, 2],
      ]);
    });
  });
}
