import { describe, expect, it } from "vitest";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import { addMs } from "../domain/micros.ts";
import { CARRIER, OTHER_CARRIER, START, targetOf, targetsOf } from "./dispatch.fixture.ts";
import { pass, useFakedTime } from "./fixtures/dispatch-rig.ts";
import { type Node, Nodes } from "./fixtures/node-rig.ts";
import type { CarrierScript } from "./scripted-carrier.fixture.ts";

useFakedTime();

const OTHERS = { fallbacks: [OTHER_CARRIER] };

/** Two nodes; of the slots of each carrier they hold one each, or the first node holds the only one. */
async function two(north: CarrierScript = { slots: 2 }, south: CarrierScript = { slots: 2 }) {
  const nodes = new Nodes(north, south);
  const [first, second] = [nodes.add(), nodes.add()];
  await pass(12_000); // a node that starts takes nothing from another before
  for (const [index, node] of [first, second].entries())
    for (const { slots, leaseSets } of [node.north, node.south])
      expect(leaseSets.at(-1)).toHaveLength(slots > index ? 1 : 0);
  return { store: nodes.store, first, second };
}

/** What stood in for the first carrier, at whichever node. */
function stoodIn(...nodes: readonly Node[]): readonly OutboundTarget[] {
  return nodes.flatMap(({ south }) => south.submissions.map(({ target }) => target));
}

describe("a carrier that one node cannot reach", () => {
  it("keeps all that waits for it while another node can, however long its pace lets it wait", async () => {
    const { store, first, second } = await two({ slots: 2, perSecond: 2 });
    first.north.disconnect();
    store.insert(targetsOf(200, OTHERS));
    await pass(150_000);
    expect(stoodIn(first, second)).toEqual([]);
    expect(second.north.submissions.length).toBeGreaterThan(100);
    await pass(60_000);
    expect(store.countOf("done")).toBe(200);
  });

  it("is down when no node has had a lane of it up for half a minute: then whatever is due goes on at once", async () => {
    const { store, first, second } = await two();
    first.north.disconnect();
    await pass(60_000);
    second.north.disconnect();
    await pass(28_000);
    const target = targetOf({ ...OTHERS, dueAt: addMs(START, 100_000) });
    store.insert([target]);
    await pass(1_000);
    expect(store.row(target).status).toBe("queued");
    await pass(2_500);
    expect(store.row(target).status).toBe("sent");
    expect(stoodIn(first, second)).toHaveLength(1);
  });

  it("was up for a moment between two heartbeats: that counts as well", async () => {
    const { store, first, second } = await two();
    for (const { north } of [first, second]) north.disconnect();
    await pass(20_000); // all have heard of it 6 s later
    second.north.connect();
    await pass(500);
    second.north.disconnect();
    store.insert(targetsOf(5, OTHERS));
    await pass(28_000);
    expect(stoodIn(first, second)).toEqual([]);
    await pass(5_000);
    expect(stoodIn(first, second)).toHaveLength(5);
  });

  it("was up at a node that died: half a minute after its last word it is down", async () => {
    const { store, first, second } = await two();
    first.north.disconnect();
    await pass(60_000);
    second.die();
    store.insert(targetsOf(5, OTHERS));
    await pass(26_000);
    expect(first.north.leaseSets.at(-1)).toHaveLength(2);
    expect(stoodIn(first)).toEqual([]);
    await pass(6_000);
    expect(stoodIn(first)).toHaveLength(5);
  });
});

describe("a carrier that stands in", () => {
  it("may be up at another node alone, which holds no slot of the one that is down", async () => {
    const { store, first, second } = await two({ slots: 1 });
    for (const carrier of [first.north, first.south]) carrier.disconnect();
    store.insert(targetsOf(5, OTHERS));
    await pass(35_000);
    expect(stoodIn(second)).toHaveLength(5);
  });

  it("takes nothing while no node has a lane of it, though it is another node that holds its slot", async () => {
    const { store, first, second } = await two({ slots: 2 }, { slots: 1 });
    for (const carrier of [first.north, second.north, first.south]) carrier.disconnect();
    const target = targetOf(OTHERS);
    store.insert([target]);
    await pass(40_000);
    expect(store.row(target)).toMatchObject({ state: "waiting", trail: [], target: { carrierId: CARRIER } });
    first.south.connect();
    await pass(2_000);
    expect(store.row(target).status).toBe("sent");
  });
});
