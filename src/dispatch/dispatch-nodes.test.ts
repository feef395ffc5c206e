import { describe, expect, it } from "vitest";
import type { NodeId } from "../domain/ids.ts";
import { addMs } from "../domain/micros.ts";
import { CARRIER, createTestClock, START, targetOf, targetsOf } from "./dispatch.fixture.ts";
import {
  handOver,
  pass,
  type Setting,
  setUp,
  started,
  UNAVAILABLE,
  useFakedTime,
} from "./fixtures/dispatch-rig.ts";
import { MemoryQueue } from "./memory-queue.fixture.ts";
import { taken } from "./scripted-carrier.fixture.ts";

const OTHER_NODE = "0190a000-0000-7000-8000-0000000000f2" as NodeId;
/** When a node's life ends that no test outlasts. */
const FAR = addMs(START, 3_600_000);

useFakedTime();

describe("starting", () => {
  const dead = "0190a000-0000-7000-8000-0000000000de" as NodeId;

  it("takes back what a dead process had before it claims anything", async () => {
    const setting = setUp();
    const [leased, marked, waiting] = [targetOf(), targetOf(), targetOf()];
    setting.store.insert([leased, marked], dead);
    setting.store.row(marked).state = "marked";
    setting.store.insert([waiting]);
    void setting.dispatch.start();
    await pass(100);
    const operations = setting.store.calls.map(({ operation }) => operation);
    expect(operations.indexOf("recoverTargets")).toBeLessThan(operations.indexOf("claimTargets"));
    expect(setting.store.countOf("done")).toBe(3);
    expect(setting.counts.get("msgbin_unknown_outcomes_total north")).toBe(1);
  });

  it("holds what was in flight where the policy is to hold", async () => {
    const setting = setUp({ onUnknownOutcome: "hold" });
    const marked = targetOf();
    setting.store.insert([marked], dead);
    setting.store.row(marked).state = "marked";
    void setting.dispatch.start();
    await pass(2_000);
    expect(setting.store.row(marked).state).toBe("held");
    expect(setting.carrier.submissions).toEqual([]);
  });

  it("recovers in batches until there is no more", async () => {
    const setting = setUp();
    setting.store.insert(targetsOf(2_500), dead);
    void setting.dispatch.start();
    await pass(20);
    expect(setting.store.calls.filter(({ operation }) => operation === "recoverTargets")).toHaveLength(3);
  });

  it("recovers again when another node is seen to have died", async () => {
    const setting = setUp();
    setting.store.nodes.set(dead, addMs(START, 25_000));
    setting.store.insert(targetsOf(5), dead);
    void setting.dispatch.start();
    await pass(24_900);
    expect(setting.carrier.submissions).toEqual([]);
    await pass(3_500);
    expect(setting.store.countOf("done")).toBe(5);
  });

  it("waits a lease for one that has ended, which may only have been cut off as long", async () => {
    const setting = setUp();
    setting.store.nodes.set(dead, addMs(START, -3_600_000));
    setting.store.insert(targetsOf(5), dead);
    void setting.dispatch.start();
    await pass(10_900);
    expect(setting.carrier.submissions).toEqual([]);
    await pass(4_000);
    expect(setting.store.countOf("done")).toBe(5);
  });

  it("recovers every half minute, too, what a node that has gone was given after it was recovered", async () => {
    const setting = await started();
    setting.store.insert(targetsOf(5), dead); // its claim is committed late
    await pass(35_000);
    expect(setting.store.countOf("done")).toBe(5);
  });
});

/** Two nodes, of which the other has marked targets; the store fails until both their leases are over. */
async function backFromAway(): Promise<Setting> {
  const setting = setUp({ slots: 2 });
  setting.store.nodes.set(OTHER_NODE, addMs(START, 12_000));
  setting.store.insert(targetsOf(5), OTHER_NODE);
  void setting.dispatch.start();
  await pass(1_000);
  setting.store.failing = () => UNAVAILABLE;
  await pass(20_000);
  setting.store.failing = () => null;
  await pass(4_000); // the other has not said yet that it lives
  return setting;
}

describe("when the store was away for longer than leases last", () => {
  it("what the others had and their slots are left to them for as long again", async () => {
    const { store, carrier } = await backFromAway();
    expect(carrier.leaseSets.at(-1)).toHaveLength(1);
    store.nodes.set(OTHER_NODE, FAR);
    await pass(30_000);
    expect(carrier.submissions).toEqual([]);
    expect(carrier.leaseSets.at(-1)).toHaveLength(1);
  });

  it("they are taken over when no more is heard of those others", async () => {
    const { store, carrier } = await backFromAway();
    expect(carrier.submissions).toEqual([]);
    await pass(15_000);
    expect(store.countOf("done")).toBe(5);
    expect(carrier.leaseSets.at(-1)).toHaveLength(2);
  });
});

/** Nodes that share a store and a carrier's two slots; the first beats at 0 s, 3 s, 6 s and so on, to some milliseconds. */
function setUpTwo(): readonly [Setting, () => Setting] {
  const [clock, store] = [createTestClock(), new MemoryQueue()];
  store.tellsOfSlots = false; // which would have both beat at once
  const first = setUp({ slots: 2, answer: () => null }, { clock }, store);
  return [first, () => setUp({ slots: 2 }, { clock, node: OTHER_NODE }, store)];
}

/** The store is away from now on; what its node then hears from the carrier it cannot write until the very end. */
function goAway({ store, carrier }: Setting): void {
  expect(carrier.unanswered).toBe(3);
  store.failing = () => UNAVAILABLE;
  for (let count = 0; count < 3; count++) carrier.answerOldest(taken);
}

function comeBack({ store }: Setting): void {
  store.failing = (operation) => (operation === "settleTargets" ? UNAVAILABLE : null);
}

async function expectNothingToBeSentTwice(first: Setting, second: Setting): Promise<void> {
  first.store.failing = () => null;
  await pass(30_000);
  expect(first.store.countOf("done")).toBe(3);
  expect(first.carrier.submissions).toHaveLength(3);
  expect(second.carrier.submissions).toEqual([]);
  for (const { carrier } of [first, second]) expect(carrier.leaseSets.at(-1)).toHaveLength(1);
}

describe("when two nodes come back one after the other", () => {
  it("what the later has in flight and its slot are left to it, though only its lease has ended", async () => {
    const [first, addSecond] = setUpTwo();
    void first.dispatch.start();
    await pass(2_500);
    const second = addSecond();
    void second.dispatch.start();
    await pass(12_300); // the first was heard last at 12 s, the second at 14.5 s
    handOver(first, targetsOf(3));
    await pass(10);
    goAway(first);
    await pass(7_200);
    comeBack(first);
    await pass(1_700); // the second is heard at 23.5 s, the first not before 24 s
    expect(second.carrier.leaseSets.at(-1)).toHaveLength(1);
    expect(first.store.countOf("marked")).toBe(3);
    await pass(1_000);
    await expectNothingToBeSentTwice(first, second);
  });

  it("what the later has in flight is left to it by one that started meanwhile", async () => {
    const [first, addSecond] = setUpTwo();
    void first.dispatch.start();
    await pass(4_000);
    handOver(first, targetsOf(3));
    await pass(10);
    goAway(first);
    await pass(24_500);
    const second = addSecond();
    void second.dispatch.start();
    await pass(2_000);
    comeBack(first);
    await pass(1_500); // the second is heard at 31.5 s, the first not before 33 s
    expect(second.carrier.leaseSets.at(-1)).toHaveLength(1);
    expect(first.store.countOf("marked")).toBe(3);
    await pass(3_000);
    await expectNothingToBeSentTwice(first, second);
  });
});

describe("leases", () => {
  it("are renewed, each deadline two seconds before the store's", async () => {
    const { carrier, store } = await started();
    await pass(10_000);
    const [latest] = carrier.leaseSets.at(-1) ?? [];
    const lease = store.leases.get(`${CARRIER}/0`);
    expect(carrier.leaseSets.length).toBeGreaterThanOrEqual(4);
    expect(latest?.epoch).toBe(1);
    const storeEndsMs = ((lease?.expiresAt ?? 0) - START) / 1_000;
    expect(storeEndsMs - (latest?.deadlineMs ?? 0)).toBeGreaterThanOrEqual(1_999);
    expect(latest?.deadlineMs).toBeGreaterThan(performance.now());
  });

  it("are given up when they cannot be renewed, and taken again when they can", async () => {
    const setting = await started();
    setting.store.failing = () => UNAVAILABLE;
    await pass(12_000);
    expect(setting.carrier.leaseSets.at(-1)).toEqual([]);
    setting.store.failing = () => null;
    await pass(5_000);
    expect(setting.carrier.leaseSets.at(-1)).toHaveLength(1);
    handOver(setting, targetsOf(3));
    await pass(2_000);
    expect(setting.store.countOf("done")).toBe(3);
  });

  it("of slots that others should have are left before they are asked for anew", async () => {
    const { carrier, store } = await started([], { slots: 4 });
    expect(carrier.leaseSets.at(-1)).toHaveLength(4);
    let heldWhenAsked: number | undefined;
    const lease = store.leaseBinds.bind(store);
    store.leaseBinds = (request) => {
      heldWhenAsked ??= carrier.leaseSets.at(-1)?.length;
      return lease(request);
    };
    store.nodes.set(OTHER_NODE, FAR);
    await pass(4_000);
    expect(heldWhenAsked).toBe(2);
  });
});
