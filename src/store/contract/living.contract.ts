import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NodeId } from "../../domain/ids.ts";
import { type ContractEngine, HOUR_MS, type OpenEngine, World } from "./world.ts";

const LEASE_MS = 10_000;

/** Nodes that say that they live, and those that do not say it any more. */
export function livingContract(open: OpenEngine): void {
  describe("living", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    /** Says that a node lives; answers what of this world's nodes is known. */
    async function heartbeat(node: NodeId, forMs = LEASE_MS) {
      const expiresAt = world.in(forMs);
      const lives = await world.store.heartbeat(node, world.now(), expiresAt);
      const ofWorld = new Set([world.node, world.otherNode]);
      return { expiresAt, lives: lives.filter((life) => ofWorld.has(life.node)) };
    }

    it("is known of each node, and until when", async () => {
      const { node, otherNode } = world;
      const first = await heartbeat(node);
      expect(first.lives).toEqual([{ node, expiresAt: first.expiresAt }]);
      const other = await heartbeat(otherNode, 1_000);
      expect(other.lives).toHaveLength(2);
      expect(other.lives).toContainEqual({ node, expiresAt: first.expiresAt });
      world.passes(500);
      const second = await heartbeat(node);
      expect(second.lives).toHaveLength(2);
      expect(second.lives).toContainEqual({ node, expiresAt: second.expiresAt });
      expect(second.lives).toContainEqual({ node: otherNode, expiresAt: other.expiresAt });
    });

    it("is known to have ended, for hours, and may go on", async () => {
      const { node, otherNode } = world;
      const { expiresAt } = await heartbeat(otherNode);
      world.passes(LEASE_MS + 1);
      expect((await heartbeat(node)).lives).toContainEqual({ node: otherNode, expiresAt });
      world.passes(23 * HOUR_MS);
      expect((await heartbeat(node)).lives).toContainEqual({ node: otherNode, expiresAt });
      const again = await heartbeat(otherNode);
      expect(again.lives).toContainEqual({ node: otherNode, expiresAt: again.expiresAt });
    });

    it("is not known of a node that left, until it says so again", async () => {
      const { node, otherNode, store } = world;
      await heartbeat(node);
      await heartbeat(otherNode);
      await store.releaseBinds(node, null);
      const left = await heartbeat(otherNode);
      expect(left.lives).toEqual([{ node: otherNode, expiresAt: left.expiresAt }]);
      await heartbeat(node);
      expect((await heartbeat(otherNode)).lives).toHaveLength(2);
    });
  });
}
