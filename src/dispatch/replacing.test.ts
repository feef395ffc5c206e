import { describe, expect, it } from "vitest";
import { CARRIER, NODE, targetsOf } from "./dispatch.fixture.ts";
import {
  handOver,
  leaveStopped,
  pass,
  type Setting,
  started,
  UNAVAILABLE,
  useFakedTime,
} from "./fixtures/dispatch-rig.ts";
import { keyText } from "./memory-queue.fixture.ts";
import { type CarrierScript, ScriptedCarrier, THROTTLED } from "./scripted-carrier.fixture.ts";

useFakedTime();

/** A carrier of the same id with other settings. */
function successor(script: CarrierScript = {}): ScriptedCarrier {
  return new ScriptedCarrier({ name: "north-new", ...script });
}

async function replaced(setting: Setting, carrier: ScriptedCarrier, forMs = 100): Promise<void> {
  const replacing = setting.dispatch.replace(carrier);
  await pass(forMs);
  await replacing;
}

function sentBy(...carriers: readonly ScriptedCarrier[]): string[] {
  return carriers.flatMap(({ submissions }) => submissions.map(({ target }) => keyText(target)));
}

describe("a carrier that is replaced", () => {
  it("is answered for what is in flight, and its successor sends the rest: each target once", async () => {
    const setting = await started(targetsOf(100), { windowSize: 10, responseMs: 50 });
    handOver(setting, targetsOf(1));
    const next = successor({ windowSize: 5 });
    await replaced(setting, next);
    expect(setting.store.countOf("done")).toBeGreaterThanOrEqual(10);
    await pass(2_000);
    expect(setting.store.countOf("done")).toBe(101);
    expect(new Set(sentBy(setting.carrier, next)).size).toBe(101);
    expect(setting.carrier.submissions.length + next.submissions.length).toBe(101);
    expect(next.mostUsed).toBe(5);
    for (const { trail } of setting.store.rows.values())
      expect(trail.map(({ what }) => what)).toEqual(["sent"]);
  });

  it("leaves its bind slots with the node, so that no other can take one meanwhile", async () => {
    const setting = await started(targetsOf(1), { answer: () => null, slots: 2 });
    const { store } = setting;
    const released: unknown[] = [];
    const release = store.releaseBinds.bind(store);
    store.releaseBinds = (...what) => {
      released.push(what);
      return release(...what);
    };
    const next = successor({ slots: 2 });
    await replaced(setting, next, 5_100);
    expect(released).toEqual([]);
    expect(next.leaseSets.at(-1)?.map(({ bind, epoch }) => [bind, epoch])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect([...store.leases.values()].map(({ node }) => node)).toEqual([NODE, NODE]);
  });

  it("takes nothing more, and what its places were reserved for goes to its successor; the limit stays", async () => {
    const setting = await started();
    const { handOver: door } = setting.dispatch;
    const targets = targetsOf(5);
    expect([door.reserve(CARRIER, targetsOf(5)), door.reserve(CARRIER, targetsOf(7))]).toEqual([true, true]);
    const next = successor();
    const replacing = setting.dispatch.replace(next);
    expect([door.reserve(CARRIER, targetsOf(1)), door.depart(CARRIER, targetsOf(1))]).toEqual([false, null]);
    await pass(100);
    await replacing;
    setting.store.insert(targets, NODE);
    door.deliver(targets);
    door.release(CARRIER, targetsOf(7));
    await pass(100);
    expect(sentBy(next)).toEqual(targets.map(keyText));
    expect(setting.store.countOf("done")).toBe(5);
    expect(door.reserve(CARRIER, targetsOf(20_000))).toBe(true);
    expect(door.reserve(CARRIER, targetsOf(1))).toBe(false);
    door.release(CARRIER, targetsOf(20_000));
  });

  it("is not waited for longer than a removal would, and what it never answered is of unknown outcome", async () => {
    const setting = await started(targetsOf(3), { answer: () => null });
    const next = successor();
    await replaced(setting, next, 5_100);
    await pass(5_000);
    expect(sentBy(next).toSorted()).toEqual(sentBy(setting.carrier).toSorted());
    for (const { trail } of setting.store.rows.values())
      expect(trail.map(({ what }) => what)).toEqual(["unknown_outcome", "sent"]);
  });

  it("while the store cannot be written goes all the same, and what it was answered is written later, sent once", async () => {
    const setting = await started(targetsOf(10), { responseMs: 100 });
    setting.store.failing = () => UNAVAILABLE;
    const next = successor();
    await replaced(setting, next, 6_500);
    expect(next.isStarted).toBe(true);
    expect(setting.store.countOf("marked")).toBe(10);
    setting.store.failing = () => null;
    await pass(120_000);
    expect(setting.store.countOf("done")).toBe(10);
    expect(next.submissions).toEqual([]);
  });

  it("leaves nothing in the gauges of its name, were it throttled, and its last outcome written after its time", async () => {
    const setting = await started(targetsOf(1), { answer: () => THROTTLED });
    await pass(3_000);
    expect(setting.counts.get("msgbin_carrier_slowed north")).toBe(1);
    setting.store.failing = (operation) => (operation === "settleTargets" ? UNAVAILABLE : null);
    await replaced(setting, successor({ windowSize: 1, answer: () => null }), 6_500);
    await pass(1_000);
    expect(handOver(setting, targetsOf(100))).toBe(true);
    setting.store.failing = () => null;
    await pass(6_000);
    const { counts } = setting;
    const gauges = ["msgbin_dispatch_waiting_targets", "msgbin_dispatch_unsettled_targets"];
    expect(gauges.map((name) => counts.get(`${name} north`))).toEqual([0, 0]);
    expect(counts.has("msgbin_carrier_slowed north")).toBe(false);
    expect(counts.get("msgbin_dispatch_waiting_targets north-new")).toBeGreaterThan(0);
  });

  it("at the end of the process has no successor any more", async () => {
    const setting = await started(targetsOf(1), { answer: () => null });
    const next = successor();
    const replacing = setting.dispatch.replace(next);
    const stopping = setting.dispatch.stop(500);
    await pass(6_000);
    await Promise.all([replacing, stopping]);
    expect(next.isStarted).toBe(false);
    expect(setting.store.leases.size).toBe(0);
    leaveStopped();
  });

  it("is simply added when it was not there", async () => {
    const setting = await started();
    await setting.dispatch.remove(CARRIER, 0);
    const next = successor();
    await replaced(setting, next);
    setting.store.insert(targetsOf(2));
    await pass(100);
    expect(next.submissions).toHaveLength(2);
  });
});
