import { describe, expect, it } from "vitest";
import type { NodeId } from "../domain/ids.ts";
import { addMs } from "../domain/micros.ts";
import { CARRIER, OTHER_CARRIER, START, targetsOf } from "./dispatch.fixture.ts";
import { pass, started, useFakedTime } from "./fixtures/dispatch-rig.ts";
import { type Node, Nodes } from "./fixtures/node-rig.ts";
import { MemoryQueue } from "./memory-queue.fixture.ts";

const MINUTE_MS = 60_000;
/** What a node waits before it lets go, and one or two heartbeats until that is done and the next has the slot. */
const TURN_MS = 52_000;

useFakedTime();

/** So many nodes, none of which reaches the first carrier; the first holds its slots, as far as it may. */
async function cutOff(count: number, slots = 1) {
  const { store, nodes } = await serving(count, slots);
  for (const { north } of nodes) north.disconnect();
  return { store, nodes };
}

/** So many nodes, of which the carrier answers each that its bind failed. */
async function turningAway(count: number) {
  const { store, nodes } = await serving(count, 1);
  for (const { north } of nodes) {
    north.isTurnedAway = true;
    north.disconnect();
  }
  return { store, nodes };
}

async function serving(count: number, slots = 1) {
  const all = new Nodes({ slots }, { slots: count });
  const nodes: Node[] = [];
  for (let made = 0; made < count; made++) nodes.push(all.add());
  await pass(12_000); // a node that starts takes nothing from another before
  return { store: all.store, nodes };
}

function holdersOf(nodes: readonly Node[]): number[] {
  return nodes.flatMap(({ north, isAlive }, place) =>
    isAlive && north.leaseSets.at(-1)?.length !== 0 ? [place] : [],
  );
}

function epochOf(store: MemoryQueue): number | undefined {
  return store.leases.get(`${CARRIER}/0`)?.epoch;
}

describe("the only slot of a carrier that its holder cannot reach", () => {
  it("goes to a node that can, which sends what waits", async () => {
    const { store, nodes } = await cutOff(2);
    nodes[1]?.north.connect();
    store.insert(targetsOf(20));
    await pass(TURN_MS);
    expect(nodes[1]?.north.submissions).toHaveLength(20);
    expect(store.countOf("done")).toBe(20);
  });

  it("stays there while its lane is up, whether the others reach the carrier or not", async () => {
    const { store, nodes } = await cutOff(2);
    nodes[1]?.north.connect();
    await pass(TURN_MS);
    const epoch = epochOf(store);
    await pass(10 * MINUTE_MS);
    nodes[0]?.north.connect();
    await pass(10 * MINUTE_MS);
    expect(holdersOf(nodes)).toEqual([1]);
    expect(epochOf(store)).toBe(epoch);
  });

  it("comes to each of the others before it comes back: the last of four that is asked can reach it", async () => {
    for (const place of [1, 2, 3]) {
      const { store, nodes } = await cutOff(4);
      nodes[place]?.north.connect();
      store.insert(targetsOf(20));
      await pass(3 * TURN_MS);
      expect(store.countOf("done")).toBe(20);
    }
  });

  it("goes back to a node that let go of it when its next holder dies", async () => {
    const { store, nodes } = await cutOff(2);
    nodes[1]?.north.connect();
    await pass(TURN_MS);
    nodes[1]?.die();
    await pass(15_000);
    expect(holdersOf(nodes)).toEqual([0]);
    expect(store.leases.get(`${CARRIER}/0`)?.node).toBe(nodes[0]?.id);
  });

  it("goes on after ten minutes where the carrier answers that the bind failed, and not before", async () => {
    const { store, nodes } = await turningAway(2);
    nodes[1]?.north.connect();
    store.insert(targetsOf(20));
    await pass(9.9 * MINUTE_MS);
    expect([holdersOf(nodes), epochOf(store)]).toEqual([[0], 1]);
    await pass(0.2 * MINUTE_MS);
    expect(nodes[1]?.north.submissions).toHaveLength(20);
    expect(store.countOf("done")).toBe(20);
  });

  it("comes to each node before it comes back, and to one every ten minutes, where all are told so", async () => {
    const { store, nodes } = await turningAway(3);
    const turns: number[] = [];
    for (let minute = 0; minute < 65; minute++) {
      await pass(MINUTE_MS);
      const [holder] = holdersOf(nodes);
      if (holder !== undefined && holder !== turns.at(-1)) turns.push(holder);
    }
    const [first, second, third] = turns;
    expect(new Set([first, second, third]).size).toBe(3);
    expect(turns).toEqual([first, second, third, first, second, third, first].slice(0, turns.length));
    expect(turns.length).toBeGreaterThanOrEqual(6);
    expect(epochOf(store)).toBeLessThanOrEqual(7);
  });

  it("stays where the carrier answers and refuses the account: more attempts would lock the account", async () => {
    const { store, nodes } = await serving(2);
    for (const { north } of nodes) {
      north.isRefused = true;
      north.disconnect();
    }
    await pass(30 * MINUTE_MS);
    expect(holdersOf(nodes)).toEqual([0]);
    expect(epochOf(store)).toBe(1);
  });
});

describe("a carrier that nobody can reach", () => {
  it("has its slot go round slowly, at one node at a time, and at each of them", async () => {
    const { store, nodes } = await cutOff(3);
    const seen = new Set<number>();
    for (let second = 0; second < 600; second++) {
      await pass(1_000);
      const holders = holdersOf(nodes);
      expect(holders.length).toBeLessThanOrEqual(1);
      for (const holder of holders) seen.add(holder);
    }
    expect(seen.size).toBe(3);
    expect(epochOf(store)).toBeGreaterThan(600 / 60);
    expect(epochOf(store)).toBeLessThanOrEqual(1 + 600 / 45);
  });

  it("stays down all the while: whatever is due goes to the next carrier, whoever has the slot", async () => {
    const { store, nodes } = await cutOff(2);
    await pass(33_000);
    for (let round = 0; round < 30; round++) {
      store.insert(targetsOf(1, { fallbacks: [OTHER_CARRIER] }));
      await pass(10_000);
      expect(store.countOf("waiting")).toBe(0);
    }
    expect(nodes.flatMap(({ south }) => south.submissions)).toHaveLength(30);
  });

  it("is given its slot again by a node when no other wants it", async () => {
    const store = new MemoryQueue();
    store.nodes.set("0190a000-0000-7000-8000-0000000000f2" as NodeId, addMs(START, 3_600_000));
    const { carrier } = await started([], {}, {}, store);
    await pass(12_000);
    carrier.disconnect();
    await pass(48_000);
    expect(carrier.leaseSets.at(-1)).toEqual([]);
    await pass(7_000);
    expect(carrier.leaseSets.at(-1)).toMatchObject([{ bind: 0, epoch: 2 }]);
  });

  it("leaves its slots where every node has its share, and with a node that is alone", async () => {
    for (const count of [1, 2]) {
      const { store, nodes } = await cutOff(count, count);
      await pass(10 * MINUTE_MS);
      expect(holdersOf(nodes)).toHaveLength(count);
      expect(epochOf(store)).toBe(1);
    }
  });
});
