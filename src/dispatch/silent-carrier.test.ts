import { describe, expect, it } from "vitest";
import type { SubmitOutcome } from "../carriers/carrier.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import { UNKNOWN_ATTEMPTS_MAX } from "../domain/unknown-outcome.ts";
import { CARRIER, OTHER_CARRIER, targetOf, targetsOf } from "./dispatch.fixture.ts";
import { handOver, pass, started, useFakedTime } from "./fixtures/dispatch-rig.ts";
import { Nodes } from "./fixtures/node-rig.ts";
import type { MemoryQueue } from "./memory-queue.fixture.ts";
import { type CarrierScript, ScriptedCarrier, taken } from "./scripted-carrier.fixture.ts";

useFakedTime();

const RESPONSE_TIMEOUT_MS = 60_000;
const UNANSWERED: SubmitOutcome = {
  kind: "unknown",
  partStates: "",
  receiptKeys: [],
  words: "no response in time",
};
const SILENT: CarrierScript = { answer: () => UNANSWERED, responseMs: RESPONSE_TIMEOUT_MS };

/** A carrier that is silent and had its binds made anew for that; nothing waits yet. */
async function silent(script: CarrierScript = {}) {
  const setting = await started([], { ...SILENT, ...script });
  await beginTrial(setting.carrier);
  return setting;
}

/** One more beside it, which answers. */
async function silentBesideAnother(script: CarrierScript = {}) {
  const setting = await silent(script);
  const other = new ScriptedCarrier({ id: OTHER_CARRIER, name: "south" });
  setting.dispatch.add(other);
  await pass(10);
  return { ...setting, other };
}

function fallSilent(carrier: ScriptedCarrier): void {
  carrier.answer = () => UNANSWERED;
  carrier.responseMs = RESPONSE_TIMEOUT_MS;
}

/** The carrier's binds are made anew because it was silent. */
async function beginTrial(carrier: ScriptedCarrier): Promise<void> {
  carrier.disconnect();
  await pass(500);
  carrier.mostUsed = 0;
  for (let bind = 0; bind < carrier.slots; bind++) carrier.onTrial.add(bind);
  carrier.connect();
  await pass(10);
}

function reroutables(count: number): OutboundTarget[] {
  return targetsOf(count, { fallbacks: [OTHER_CARRIER] });
}

function callsOf(store: MemoryQueue, operation: string): number {
  return store.calls.filter((call) => call.operation === operation).length;
}

describe("a carrier that is silent and the only one", () => {
  it("is given one target at a time, and nothing is claimed that waits here", async () => {
    const { store, carrier } = await silent();
    store.insert(targetsOf(50));
    await pass(1_000);
    store.calls.length = 0;
    await pass(10 * RESPONSE_TIMEOUT_MS);
    expect(carrier.mostUsed).toBe(1);
    expect(carrier.submissions).toHaveLength(11);
    expect(store.countOf("marked") + store.countOf("leased")).toBe(1);
    expect(callsOf(store, "claimTargets")).toBeLessThanOrEqual(12);
    expect(callsOf(store, "settleTargets")).toBe(10);
  });

  it("has the store keep what is accepted meanwhile", async () => {
    const setting = await silent();
    const targets = targetsOf(3);
    for (const target of targets) expect(handOver(setting, [target])).toBe(false);
    await pass(100);
    expect(targets.map((target) => setting.store.row(target).state)).toEqual([
      "marked",
      "waiting",
      "waiting",
    ]);
  });

  it("gives back what waited here when it fell silent, once, after as long as without a lane", async () => {
    const setting = await started([], { ...SILENT, windowSize: 1 });
    const targets = targetsOf(100);
    handOver(setting, targets);
    await pass(1_000);
    const { store, carrier } = setting;
    await beginTrial(carrier);
    await pass(4_000);
    expect(store.countOf("leased")).toBeGreaterThan(0);
    await pass(1_000);
    expect(store.countOf("leased")).toBe(0);
    store.calls.length = 0;
    await pass(30_000);
    expect(callsOf(store, "claimTargets")).toBe(0);
  });

  it("keeps what it claimed to be tried while the pace holds it up", async () => {
    const { store, carrier } = await silent({ slots: 3, perSecond: 1 });
    await pass(10_000);
    store.insert(targetsOf(50));
    store.calls.length = 0;
    await pass(10_000);
    expect(carrier.unanswered).toBe(3);
    expect(callsOf(store, "claimTargets")).toBe(1);
    expect(callsOf(store, "settleTargets")).toBe(0);
  });

  it("has its whole window from its first answer on", async () => {
    const { store, carrier } = await silent({ windowSize: 10 });
    store.insert(targetsOf(50));
    await pass(1_000);
    carrier.answer = taken;
    await pass(RESPONSE_TIMEOUT_MS);
    carrier.responseMs = 1;
    await pass(RESPONSE_TIMEOUT_MS);
    expect(carrier.mostUsed).toBe(10);
    expect(store.countOf("done")).toBe(50);
  });

  it.each([1, 3])("is given one target over each of %d binds, were it of several parts", async (slots) => {
    const { store, carrier } = await silent({ slots });
    store.insert(targetsOf(50, { parts: 4 }));
    await pass(1_000);
    expect(carrier.unanswered).toBe(slots);
    expect(store.countOf("leased")).toBe(0);
  });
});

describe("a carrier that is silent beside another", () => {
  it("has the other one stand in after half a minute, until its first answer", async () => {
    const { store, carrier, other, counts } = await silentBesideAnother();
    store.insert(reroutables(10));
    await pass(28_000);
    expect(other.submissions).toEqual([]);
    await pass(4_000);
    expect(other.submissions).toHaveLength(9);
    store.insert(reroutables(3));
    await pass(1_100);
    expect(other.submissions).toHaveLength(12);
    carrier.answer = taken;
    await pass(RESPONSE_TIMEOUT_MS);
    carrier.responseMs = 1;
    const later = reroutables(20);
    store.insert(later);
    await pass(RESPONSE_TIMEOUT_MS);
    expect(later.map((each) => store.row(each).target.carrierId)).toEqual(later.map(() => CARRIER));
    expect(other.submissions).toHaveLength(12);
    expect(store.countOf("done")).toBe(33);
    expect(counts.get("msgbin_failovers_total north")).toBe(12);
  });

  it("passes on what was tried with it, too, which may come back to it later", async () => {
    const { store, other, counts } = await silentBesideAnother();
    const [target] = reroutables(1) as [OutboundTarget];
    store.insert([target]);
    await pass(RESPONSE_TIMEOUT_MS + 100);
    expect(other.submissions.map((submission) => submission.target.fallbacks)).toEqual([[CARRIER]]);
    expect(store.row(target).trail.map(({ what }) => what)).toEqual([
      "unknown_outcome",
      "carrier_down",
      "rerouted",
      "sent",
    ]);
    expect(counts.get("msgbin_failovers_total north")).toBe(1);
  });

  it("and another that is silent too have five attempts between them, and one holds it then", async () => {
    const { store, carrier, other } = await silentBesideAnother();
    fallSilent(other);
    await beginTrial(other);
    const [target] = reroutables(1) as [OutboundTarget];
    store.insert([target]);
    await pass(60 * RESPONSE_TIMEOUT_MS);
    expect(store.row(target)).toMatchObject({ state: "held" });
    expect(carrier.submissions.length + other.submissions.length).toBe(UNKNOWN_ATTEMPTS_MAX);
  });

  it("keeps what was tried with it while the other is down", async () => {
    const { store, other } = await silentBesideAnother();
    other.disconnect();
    const [target] = reroutables(1) as [OutboundTarget];
    store.insert([target]);
    await pass(RESPONSE_TIMEOUT_MS + 100);
    expect(store.row(target)).toMatchObject({ state: "waiting", target: { carrierId: CARRIER } });
  });

  it("keeps what was tried with it where that is the policy", async () => {
    const { store, other } = await silentBesideAnother({ onUnknownOutcome: "hold" });
    const [target] = reroutables(1) as [OutboundTarget];
    store.insert([target]);
    await pass(RESPONSE_TIMEOUT_MS + 100);
    expect(store.row(target)).toMatchObject({ state: "held", target: { carrierId: CARRIER } });
    expect(other.submissions).toEqual([]);
  });

  it("is not what a carrier is one bind of which is on trial", async () => {
    const { store, carrier, other } = await silentBesideAnother({ slots: 2 });
    carrier.onTrial.delete(0);
    carrier.answer = (target, { bind }) => (bind === 0 ? taken(target) : UNANSWERED);
    carrier.responseMs = 1_000;
    store.insert(reroutables(1_000));
    await pass(300_000);
    expect(other.submissions).toEqual([]);
    expect(store.countOf("done")).toBe(1_000);
  });

  it("does not stand in itself, until there was nothing to try it with for half a minute", async () => {
    const { store, carrier, other } = await silentBesideAnother();
    const alone = targetOf(); // has no other carrier, and is tried again and again
    store.insert([alone]);
    other.disconnect();
    const targets = targetsOf(5, { carrierId: OTHER_CARRIER, fallbacks: [CARRIER] });
    store.insert(targets);
    await pass(5 * RESPONSE_TIMEOUT_MS);
    expect(targets.map((each) => store.row(each).target.carrierId)).toEqual(targets.map(() => OTHER_CARRIER));
    store.takeAway(alone);
    carrier.answer = (target) => (target.fallbacks.includes(OTHER_CARRIER) ? taken(target) : UNANSWERED);
    await pass(4 * RESPONSE_TIMEOUT_MS);
    expect(targets.map((each) => store.row(each).status)).toEqual(targets.map(() => "sent"));
  });

  it("passes on nothing that was tried at one node while it answers another", async () => {
    const nodes = new Nodes({ slots: 2 }, {});
    const [one, two] = [nodes.add(), nodes.add()];
    await pass(4_000);
    fallSilent(one.north);
    await beginTrial(one.north);
    nodes.store.insert(reroutables(20));
    await pass(2 * RESPONSE_TIMEOUT_MS);
    expect(one.north.submissions.length).toBeGreaterThan(0);
    expect([one, two].flatMap(({ south }) => south.submissions)).toEqual([]);
  });

  it("is not down while it answers another node, and half a minute after it answers none", async () => {
    const nodes = new Nodes({ slots: 2 }, {});
    const [one, two] = [nodes.add(), nodes.add()];
    await pass(4_000);
    expect([one.north, two.north].map((carrier) => carrier.lanes().length)).toEqual([1, 1]);
    fallSilent(one.north);
    await beginTrial(one.north);
    const first = reroutables(20);
    nodes.store.insert(first);
    await pass(RESPONSE_TIMEOUT_MS - 1_000);
    expect(first.filter((target) => nodes.store.row(target).status === "sent")).toHaveLength(19);
    fallSilent(two.north);
    await beginTrial(two.north);
    const second = reroutables(20);
    nodes.store.insert(second);
    await pass(28_000);
    const { south } = [one, two].find((node) => node.south.lanes().length === 1) ?? one;
    expect(south.submissions.length).toBeLessThanOrEqual(1); // what was tried at the first node
    await pass(10_000);
    expect(second.filter((target) => nodes.store.row(target).status === "sent").length).toBeGreaterThan(17);
  });
});
