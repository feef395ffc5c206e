import { describe, expect, it, vi } from "vitest";
import type { NodeId } from "../domain/ids.ts";
import { addMs } from "../domain/micros.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import { CARRIER, NODE, OTHER_CARRIER, START, targetOf, targetsOf } from "./dispatch.fixture.ts";
import {
  handOver,
  leaveStopped,
  pass,
  type Setting,
  setUp,
  started,
  submitted,
  UNAVAILABLE,
  useFakedTime,
} from "./fixtures/dispatch-rig.ts";
import { keyText } from "./memory-queue.fixture.ts";
import { later, ScriptedCarrier, taken, THROTTLED } from "./scripted-carrier.fixture.ts";

const OTHER_NODE = "0190a000-0000-7000-8000-0000000000f2" as NodeId;
/** When a node's life ends that no test outlasts. */
const FAR = addMs(START, 3_600_000);
/** What a turn takes by the faked clock, on which nothing that is asked for happens within the same millisecond. */
const TURN_MS = 1;

useFakedTime();

/** What accept does when targets may leave at once: marks them with their message. */
function depart({ dispatch, store }: Setting, targets: readonly OutboundTarget[]): boolean {
  const departure = dispatch.handOver.depart(CARRIER, targets);
  if (departure === null) return false;
  store.insertDeparting(targets, NODE, departure);
  departure.leave();
  return true;
}

describe("a target that departs with its message", () => {
  it("is sent without a mark of its own, and settled", async () => {
    const setting = await started();
    const target = targetOf();
    expect(depart(setting, [target])).toBe(true);
    await pass(10);
    expect(setting.store.row(target)).toMatchObject({ state: "done", status: "sent" });
    expect(setting.store.row(target).trail).toMatchObject([{ what: "sent", attempt: 1, bind: 0 }]);
    expect(setting.store.calls.some(({ operation }) => operation === "markInFlight")).toBe(false);
  });

  it("is not more than the window and one window ahead", async () => {
    const setting = await started([], { answer: () => null, windowSize: 100 });
    expect(setting.dispatch.handOver.depart(CARRIER, targetsOf(201))).toBeNull();
    expect(depart(setting, targetsOf(200))).toBe(true);
    expect(setting.dispatch.handOver.depart(CARRIER, targetsOf(1))).toBeNull();
  });

  it("does not overtake what waits", async () => {
    const setting = await started([], { answer: () => null, windowSize: 100 });
    expect(handOver(setting, targetsOf(300))).toBe(true);
    await pass(10);
    expect(setting.dispatch.handOver.depart(CARRIER, targetsOf(1))).toBeNull();
  });

  it("gives its room back when its message is not stored", async () => {
    const setting = await started([], { answer: () => null, windowSize: 100 });
    setting.dispatch.handOver.depart(CARRIER, targetsOf(200))?.stay();
    expect(depart(setting, targetsOf(200))).toBe(true);
  });

  it("goes back to the store, its attempt not counted, when its lane has gone meanwhile", async () => {
    const setting = await started();
    const [target] = targetsOf(1);
    if (target === undefined) throw new Error("no target");
    const departure = setting.dispatch.handOver.depart(CARRIER, [target]);
    if (departure === null) throw new Error("no departure");
    setting.carrier.disconnect();
    await pass(10);
    setting.store.insertDeparting([target], NODE, departure);
    departure.leave();
    await pass(10);
    expect(setting.store.row(target)).toMatchObject({ state: "waiting", status: "queued" });
    expect(setting.carrier.submissions).toEqual([]);
  });
});

describe("a target that is handed over", () => {
  it("is marked, sent and settled within a few commits", async () => {
    const setting = await started();
    const target = targetOf();
    expect(handOver(setting, [target])).toBe(true);
    await pass(10);
    expect(setting.store.row(target)).toMatchObject({ state: "done", status: "sent" });
    expect(setting.store.row(target).trail).toMatchObject([{ what: "sent", attempt: 1, bind: 0 }]);
    expect(setting.carrier.submissions).toHaveLength(1);
    expect(setting.counts.get("msgbin_attempts_total north taken")).toBe(1);
    expect(setting.counts.get("msgbin_accept_to_submit_seconds north")).toBe(1);
  });

  it("finds 20,000 places and not one more", async () => {
    const setting = await started([], { answer: () => null });
    expect(setting.dispatch.handOver.reserve(CARRIER, targetsOf(20_001))).toBe(false);
    await pass(10);
    expect(setting.dispatch.handOver.reserve(CARRIER, targetsOf(20_000))).toBe(true);
    expect(setting.dispatch.handOver.reserve(CARRIER, targetsOf(1))).toBe(false);
    setting.dispatch.handOver.release(CARRIER, targetsOf(20_000));
    await pass(10);
    expect(setting.dispatch.handOver.reserve(CARRIER, targetsOf(1))).toBe(true);
    setting.dispatch.handOver.release(CARRIER, targetsOf(1));
  });

  it("is left to the store while no lane is up, for an unknown carrier, and before the start", async () => {
    const unstarted = setUp();
    expect(unstarted.dispatch.handOver.reserve(CARRIER, targetsOf(1))).toBe(false);
    const setting = await started();
    expect(setting.dispatch.handOver.reserve(OTHER_CARRIER, targetsOf(1))).toBe(false);
    setting.carrier.disconnect();
    await pass(10);
    expect(setting.dispatch.handOver.reserve(CARRIER, targetsOf(1))).toBe(false);
  });

  it("does not overtake a backlog in the store", async () => {
    const setting = await started(targetsOf(2_000), { responseMs: 100 });
    expect(handOver(setting, targetsOf(1))).toBe(false);
    await pass(60_000);
    expect(setting.store.countOf("done")).toBe(2_001);
    expect(handOver(setting, targetsOf(1))).toBe(true);
  });

  it("stays in the store when the pace would keep it here for long, and what is more urgent goes before it", async () => {
    const setting = await started([], { perSecond: 5, windowSize: 10 });
    expect(handOver(setting, targetsOf(10))).toBe(true);
    expect(handOver(setting, targetsOf(500))).toBe(false);
    await pass(1_000);
    const urgent = targetOf({ priority: 0 });
    setting.store.insert([urgent]);
    await pass(20_000);
    expect(submitted(setting)).toContain(keyText(urgent));
    expect(setting.store.countOf("waiting")).toBeGreaterThan(200);
  });

  it("does not overtake for ever what falls due in the store, though there is always more of it", async () => {
    const setting = await started([], { windowSize: 10, responseMs: 1_000 });
    handOver(setting, targetsOf(300));
    const retried = targetOf({ priority: 0, dueAt: addMs(START, 2_000) });
    setting.store.insert([retried]);
    for (let second = 0; second < 10; second++) {
      handOver(setting, targetsOf(10));
      await pass(1_000);
    }
    expect(submitted(setting)).toContain(keyText(retried));
    expect(setting.counts.get("msgbin_dispatch_waiting_targets north")).toBeGreaterThan(100);
  });

  it("goes back to the store when its carrier was removed before it was delivered", async () => {
    const { dispatch, store } = await started();
    const targets = targetsOf(2);
    dispatch.handOver.reserve(CARRIER, targetsOf(2));
    store.insert(targets, NODE);
    const removing = dispatch.remove(CARRIER);
    await pass(100);
    await removing;
    dispatch.handOver.deliver(targets);
    await pass(10);
    expect(store.countOf("waiting")).toBe(2);
    expect(store.leases.size).toBe(0);
  });
});

describe("targets in the store", () => {
  it("are claimed at the start, on a wake, and by looking every second", async () => {
    const setting = await started(targetsOf(3));
    await pass(10);
    expect(setting.store.countOf("done")).toBe(3);
    setting.store.insert(targetsOf(3));
    await pass(10);
    expect(setting.store.countOf("done")).toBe(6);
    const silent = targetOf();
    setting.store.rows.set(keyText(silent), {
      ...setting.store.row(targetAt(setting, 0)),
      target: silent,
      state: "waiting",
    });
    await pass(1_010);
    expect(setting.store.row(silent).state).toBe("done");
  });

  it("leave when they fall due, not at the next look", async () => {
    const target = targetOf({ dueAt: addMs(START, 5_300) });
    const setting = await started([target]);
    await pass(6_000);
    const [submission] = setting.carrier.submissions;
    expect(submission?.atMs).toBeGreaterThanOrEqual(5_300);
    expect(submission?.atMs).toBeLessThan(5_350);
  });

  it("leave by priority", async () => {
    const [low, normal, high] = [
      targetOf({ priority: 2 }),
      targetOf({ priority: 1 }),
      targetOf({ priority: 0 }),
    ];
    const setting = await started([low, normal, high]);
    await pass(10);
    expect(submitted(setting)).toEqual([high, normal, low].map(keyText));
  });

  it("stay there beyond what the lanes can use soon, however long the backlog is", async () => {
    const setting = await started(targetsOf(20_000), { answer: () => null, windowSize: 10 });
    await pass(10_000);
    expect(setting.store.countOf("leased") + setting.store.countOf("marked")).toBeLessThan(500);
    expect(setting.store.countOf("waiting")).toBeGreaterThan(19_500);
  });

  it("are not sent when they are canceled between claim and mark", async () => {
    const setting = setUp();
    const targets = targetsOf(3);
    setting.store.insert(targets);
    setting.store.commitMs = 10;
    const claim = setting.store.claimTargets.bind(setting.store);
    setting.store.claimTargets = async (request) => {
      const claimed = await claim(request);
      if (claimed.length > 0) setting.store.takeAway(targetAt(setting, 1));
      return claimed;
    };
    void setting.dispatch.start();
    await pass(200);
    expect(submitted(setting)).toEqual(
      [targets[0], targets[2]].map((target) => keyText(target ?? targetOf())),
    );
    expect(setting.counts.get("msgbin_marks_refused_total north")).toBe(1);
  });
});

function targetAt({ store }: Setting, index: number): OutboundTarget {
  const row = [...store.rows.values()][index];
  if (row === undefined) throw new Error(`no row ${index}`);
  return row.target;
}

describe("a window", () => {
  it.each([
    { windowSize: 1, responseMs: 40, commitMs: 5 },
    { windowSize: 10, responseMs: 50, commitMs: 5 },
    { windowSize: 100, responseMs: 20, commitMs: 10 },
    { windowSize: 1, responseMs: 1, commitMs: 10 },
  ])("is kept full: $windowSize at $responseMs ms, commits of $commitMs ms", async (terms) => {
    const { windowSize, responseMs, commitMs } = terms;
    const setting = setUp({ windowSize, responseMs });
    setting.store.commitMs = commitMs;
    const perSecond = (windowSize * 1_000) / (responseMs + TURN_MS);
    setting.store.insert(targetsOf(Math.ceil(perSecond * 3)));
    void setting.dispatch.start();
    await pass(1_000);
    const before = setting.carrier.submissions.length;
    await pass(1_000);
    const sent = setting.carrier.submissions.length - before;
    expect(sent).toBeGreaterThanOrEqual(Math.floor(perSecond * 0.95));
    expect(setting.carrier.mostUsed).toBeLessThanOrEqual(windowSize);
  });

  it("is never overfilled, and what is marked and not settled stays within it and one batch", async () => {
    const setting = await started(targetsOf(3_000), { windowSize: 20, responseMs: 30 });
    await pass(10_000);
    expect(setting.store.countOf("done")).toBe(3_000);
    expect(setting.carrier.mostUsed).toBe(20);
    expect(setting.store.mostMarked).toBeLessThanOrEqual(20 + 64);
  });

  it("counts parts, and lets a message go that has more parts than it", async () => {
    const setting = await started(targetsOf(20, { parts: 4 }), { windowSize: 2, responseMs: 10 });
    await pass(1_000);
    expect(setting.store.countOf("done")).toBe(20);
    expect(setting.carrier.mostUsed).toBe(4);
  });

  it("of every bind is kept full", async () => {
    const setting = await started(targetsOf(4_000), { windowSize: 10, responseMs: 50, slots: 4 });
    await pass(3_000);
    const binds = Map.groupBy(setting.carrier.submissions, ({ lane }) => lane.bind);
    expect(new Set(binds.keys())).toEqual(new Set([0, 1, 2, 3]));
    for (const submissions of binds.values()) expect(submissions.length).toBeGreaterThan(3 * 200 * 0.9);
  });
});

describe("a carrier's pace", () => {
  it("is kept, and little is marked ahead of it", async () => {
    const setting = await started(targetsOf(1_000), { windowSize: 50, perSecond: 40 });
    await pass(5_000);
    const sent = setting.carrier.submissions.length;
    expect(sent).toBeGreaterThanOrEqual(195);
    expect(sent).toBeLessThanOrEqual(205);
    expect(setting.store.mostMarked).toBeLessThanOrEqual(20);
  });

  it("slows down when the carrier throttles, without counting it as a failure or losing the order", async () => {
    const targets = targetsOf(30);
    const setting = setUp({ windowSize: 1, responseMs: 10 });
    let throttles = 0;
    setting.carrier.answer = (target) => (throttles++ % 10 === 3 ? THROTTLED : taken(target));
    setting.store.insert(targets);
    void setting.dispatch.start();
    await pass(60_000);
    const accepted = setting.carrier.submissions.map(({ target }) => keyText(target));
    expect([...new Set(accepted)]).toEqual(targets.map(keyText));
    expect(accepted.length).toBeGreaterThan(30);
    expect(setting.counts.get("msgbin_attempts_total north throttled")).toBe(accepted.length - 30);
    for (const { status, trail } of setting.store.rows.values()) {
      expect(status).toBe("sent");
      expect(trail.at(-1)).toMatchObject({ what: "sent", attempt: 1 });
    }
  });

  it("keeps a throttled window in order when it goes again", async () => {
    const targets = targetsOf(40);
    const setting = setUp({ windowSize: 10, responseMs: 20 });
    setting.carrier.answer = (target) => (performance.now() < 2_000 ? THROTTLED : taken(target));
    setting.store.insert(targets);
    void setting.dispatch.start();
    await pass(3_100);
    const slowed = setting.counts.get("msgbin_carrier_slowed north");
    await pass(70_000);
    expect([slowed, setting.counts.get("msgbin_carrier_slowed north")]).toEqual([1, 0]);
    const accepted = setting.carrier.submissions.filter(({ atMs }) => atMs >= 2_000);
    expect(accepted.map(({ target }) => keyText(target))).toEqual(targets.map(keyText));
  });

  it("gives others their turn when one target is throttled again and again", async () => {
    const full = targetOf();
    const others = targetsOf(30);
    const setting = setUp({ windowSize: 1 });
    setting.carrier.answer = (target) => (keyText(target) === keyText(full) ? THROTTLED : taken(target));
    setting.store.insert([full, ...others]);
    void setting.dispatch.start();
    await pass(60_000);
    expect(others.map((target) => setting.store.row(target).status)).toEqual(others.map(() => "sent"));
    const { status, trail } = setting.store.row(full);
    expect(status).toBe("queued");
    const attempts = trail.map(({ what, attempt }) => `${what} ${attempt}`);
    expect(attempts.slice(0, 3)).toEqual(["throttled 1", "throttled 2", "throttled 3"]);
  });

  it("however long it is throttled, the keys of parts that were taken are soon stored", async () => {
    const setting = setUp({ windowSize: 80 });
    setting.carrier.answer = ({ messageId, partStates }) => {
      const receiptKeys = [partStates === "" ? `${messageId}-0` : null, null];
      return later({ throttled: true, partStates: "sq", receiptKeys });
    };
    setting.store.insert(targetsOf(40, { parts: 2 }));
    void setting.dispatch.start();
    await pass(30_000);
    for (const { target, receiptKeys } of setting.store.rows.values())
      expect(receiptKeys).toContain(`${target.messageId}-0`);
  });

  it("is shared in proportion to the slots that this node holds", async () => {
    const setting = setUp({ windowSize: 50, slots: 4, perSecond: 100 });
    setting.store.nodes.set(OTHER_NODE, FAR);
    setting.store.insert(targetsOf(1_000));
    void setting.dispatch.start();
    await pass(4_000);
    expect(setting.store.leases.size).toBe(2);
    expect(setting.carrier.submissions.length).toBeGreaterThan(180);
    expect(setting.carrier.submissions.length).toBeLessThan(210);
  });
});

describe("a target that is not taken", () => {
  it("is tried again with growing waits, and ends as gw_timeout with its validity", async () => {
    const target = targetOf({ expiresAt: addMs(START, 60_000) });
    const setting = await started([target], { answer: () => later() });
    await pass(62_000);
    const times = setting.carrier.submissions.map(({ atMs }) => Math.round(atMs / 1_000));
    expect(times).toEqual([0, 1, 3, 7, 15, 31]);
    expect(setting.store.row(target).state).toBe("waiting"); // the sweep ends it in the queue
    await pass(5_000);
    expect(setting.store.row(target)).toMatchObject({ state: "done", status: "gw_timeout" });
    expect(setting.carrier.submissions).toHaveLength(6);
  });

  it("is not sent when its validity ended while it waited for its turn", async () => {
    const [first, second] = [targetOf(), targetOf({ expiresAt: addMs(START, 2_000) })];
    const setting = await started([first, second], { windowSize: 1, responseMs: 3_000 });
    await pass(5_000);
    expect(submitted(setting)).toEqual([keyText(first)]);
    expect(setting.store.row(second)).toMatchObject({ status: "gw_timeout" });
  });

  it("goes to the next carrier when it is refused", async () => {
    const target = targetOf({ fallbacks: [OTHER_CARRIER], parts: 1 });
    const setting = await started(
      [target],
      {
        answer: () => ({
          kind: "refused",
          failure: { code: "unreachable", carrierCode: "8", message: "" },
          elsewhere: true,
          tookMs: 1,
          words: "ESME_RSYSERR",
        }),
      },
      { countParts: () => 3 },
    );
    const other = new ScriptedCarrier({ id: OTHER_CARRIER, name: "south" });
    setting.dispatch.add(other);
    await pass(1_500);
    expect(other.submissions.map((submission) => submission.target)).toMatchObject([
      { parts: 3, fallbacks: [] },
    ]);
    expect(setting.store.row(target).trail.map(({ what }) => what)).toEqual(["refused", "rerouted", "sent"]);
  });

  it("is held where the policy is to hold though a part was refused, and counted as of unknown outcome", async () => {
    const target = targetOf({ parts: 2, fallbacks: [OTHER_CARRIER] });
    const failure = { code: "unreachable", carrierCode: "", message: "" } as const;
    const unanswered = { partStates: "qq", receiptKeys: [null, null], words: "no response in time" };
    const refused = { kind: "refused", failure, elsewhere: true, unanswered, tookMs: 1, words: "" } as const;
    const setting = await started([target], { answer: () => refused, onUnknownOutcome: "hold" });
    await pass(1_000);
    expect(setting.store.row(target).state).toBe("held");
    expect(setting.counts.get("msgbin_attempts_total north unknown")).toBe(1);
    expect(setting.counts.has("msgbin_attempts_total north refused")).toBe(false);
  });
});

describe("a lost connection", () => {
  it("sends again what was not answered where the policy is to resend", async () => {
    const targets = targetsOf(5);
    const setting = await started(targets, { answer: () => null });
    setting.carrier.disconnect();
    await pass(10);
    setting.carrier.answer = taken;
    setting.carrier.connect();
    await pass(5_000);
    expect(setting.carrier.submissions).toHaveLength(10);
    for (const { trail } of setting.store.rows.values())
      expect(trail.map(({ what }) => what)).toEqual(["unknown_outcome", "sent"]);
  });

  it("holds a text that it wrote five times without an answer", async () => {
    const target = targetOf();
    const words = "no response in time";
    const unanswered = { kind: "unknown", partStates: "", receiptKeys: [null], words } as const;
    const setting = await started([target], { answer: () => unanswered });
    await pass(60_000);
    expect(setting.carrier.submissions).toHaveLength(5);
    const { state, trail } = setting.store.row(target);
    expect(state).toBe("held");
    expect(trail.map(({ what }) => what)).toEqual([...Array<string>(5).fill("unknown_outcome"), "held"]);
  });

  it("holds what was not answered where the policy is to hold, and sends the rest", async () => {
    const targets = targetsOf(30);
    const setting = await started(targets, { answer: () => null, onUnknownOutcome: "hold" });
    expect(setting.carrier.unanswered).toBe(10);
    setting.carrier.disconnect();
    await pass(10);
    setting.carrier.answer = taken;
    setting.carrier.connect();
    await pass(5_000);
    expect(setting.store.countOf("held")).toBe(10);
    expect(setting.store.countOf("done")).toBe(20);
    expect(new Set(submitted(setting)).size).toBe(setting.carrier.submissions.length);
  });

  it("moves what was marked for a lane that is gone to another", async () => {
    const setting = await started(targetsOf(100), { slots: 2, answer: () => null });
    setting.carrier.answer = taken;
    setting.carrier.setLeases(setting.carrier.leaseSets.at(-1)?.slice(0, 1) ?? []);
    for (let count = 0; count < 10; count++) setting.carrier.answerOldest(taken);
    while (setting.carrier.unanswered > 0) setting.carrier.answerOldest(taken);
    await pass(2_900);
    expect(setting.store.countOf("done")).toBe(100);
    expect(new Set(submitted(setting)).size).toBe(100);
  });

  it("gives what waits back to the store when no lane comes back within five seconds", async () => {
    const setting = await started([], { answer: () => null });
    handOver(setting, targetsOf(500));
    await pass(10);
    setting.carrier.disconnect();
    await pass(1_000);
    expect(setting.store.countOf("leased")).toBeGreaterThan(300);
    await pass(5_000);
    expect(setting.store.countOf("leased") + setting.store.countOf("marked")).toBe(0);
    expect(setting.store.countOf("waiting")).toBe(500);
  });
});

describe("a store that cannot be written", () => {
  it("pauses marking; what waited goes out once each when it is back", async () => {
    const setting = await started();
    setting.store.failing = (operation) => (operation === "markInFlight" ? UNAVAILABLE : null);
    handOver(setting, targetsOf(50));
    await pass(5_000);
    expect(setting.carrier.submissions).toEqual([]);
    expect(setting.dispatch.handOver.reserve(CARRIER, targetsOf(1))).toBe(false);
    setting.store.failing = () => null;
    await pass(6_000);
    expect(setting.store.countOf("done")).toBe(50);
    expect(setting.carrier.submissions).toHaveLength(50);
  });

  it("loses no outcome: what was answered meanwhile is settled when it is back, and sent once", async () => {
    const setting = await started(targetsOf(500), { windowSize: 20, responseMs: 5 });
    setting.store.failing = (operation) => (operation === "settleTargets" ? UNAVAILABLE : null);
    await pass(3_000);
    const sentMeanwhile = setting.carrier.submissions.length;
    expect(sentMeanwhile).toBeLessThan(200); // no more than is allowed to be unsettled
    setting.store.failing = () => null;
    await pass(10_000);
    expect(setting.store.countOf("done")).toBe(500);
    expect(setting.carrier.submissions).toHaveLength(500);
  });

  it("pauses claiming and goes on by itself", async () => {
    const setting = setUp();
    setting.store.insert(targetsOf(5));
    setting.store.failing = () => UNAVAILABLE;
    void setting.dispatch.start();
    await pass(20_000);
    expect(setting.carrier.submissions).toEqual([]);
    setting.store.failing = () => null;
    await pass(10_000);
    expect(setting.store.countOf("done")).toBe(5);
  });

  it("is asked ever more rarely, and told of once a pause", async () => {
    const setting = await started();
    setting.store.failing = (operation) => (operation === "claimTargets" ? UNAVAILABLE : null);
    await pass(60_000);
    const pauses = setting.counts.get("msgbin_store_pauses_total") ?? 0;
    expect(pauses).toBeGreaterThan(10);
    expect(pauses).toBeLessThan(25);
  });
});

describe("removing a carrier", () => {
  it("does not wait for what other carriers settle", async () => {
    const setting = await started(targetsOf(2_000), { responseMs: 5 });
    const other = new ScriptedCarrier({ id: OTHER_CARRIER, name: "south", answer: () => null });
    setting.dispatch.add(other);
    setting.store.insert(targetsOf(50, { carrierId: OTHER_CARRIER }));
    await pass(100);
    expect(other.unanswered).toBe(10);
    let isRemoved = false;
    const removing = setting.dispatch.remove(OTHER_CARRIER, 200).then(() => (isRemoved = true));
    await pass(250);
    expect(isRemoved).toBe(true);
    expect(setting.store.countOf("done")).toBeLessThan(2_000);
    const ofOther = [...setting.store.rows.values()].filter(
      ({ target }) => target.carrierId === OTHER_CARRIER,
    );
    expect(ofOther.filter(({ state }) => state === "waiting")).toHaveLength(50);
    expect(setting.store.leases.has(`${OTHER_CARRIER}/0`)).toBe(false);
    await removing;
  });

  it("ends though the store cannot be written, and its outcomes are written later", async () => {
    const setting = await started(targetsOf(10), { answer: () => null });
    setting.store.failing = () => UNAVAILABLE;
    const removing = setting.dispatch.remove(CARRIER, 100);
    await pass(1_500);
    await removing;
    expect(setting.store.countOf("marked")).toBe(10);
    setting.store.failing = () => null;
    await pass(10_000);
    expect(setting.store.countOf("waiting")).toBe(10);
  });
});

describe("stopping", () => {
  it("waits for answers, gives back what was not sent, and lets go of the slots", async () => {
    const setting = await started(targetsOf(100), { windowSize: 10, responseMs: 500 });
    const stopping = setting.dispatch.stop(2_000);
    await pass(700);
    await stopping;
    expect(setting.carrier.submissions).toHaveLength(10);
    expect(setting.store.countOf("done")).toBe(10);
    expect(setting.store.countOf("waiting")).toBe(90);
    expect(setting.store.leases.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    leaveStopped();
  });

  it("waits no longer than it may, and leaves the rest as unknown", async () => {
    const setting = await started(targetsOf(10), { answer: () => null });
    const stopping = setting.dispatch.stop(2_000);
    await pass(2_100);
    await stopping;
    for (const { trail, state } of setting.store.rows.values())
      expect([state, trail.map(({ what }) => what)]).toEqual(["waiting", ["unknown_outcome"]]);
    leaveStopped();
  });

  it("comes to an end though the store does not answer", async () => {
    const setting = await started(targetsOf(10), { answer: () => null });
    setting.store.failing = () => UNAVAILABLE;
    setting.store.commitMs = 3_600_000;
    const stopping = setting.dispatch.stop(1_000);
    await pass(6_000);
    await stopping;
    expect(setting.lines.some((line) => line.includes("could not be written before the end"))).toBe(true);
    leaveStopped();
    vi.clearAllTimers();
  });

  it("releases what is claimed or delivered while it stops", async () => {
    const setting = await started();
    const targets = targetsOf(5);
    setting.dispatch.handOver.reserve(CARRIER, targetsOf(5));
    setting.store.insert(targetsOf(5));
    setting.store.commitMs = 50;
    await pass(1);
    const stopping = setting.dispatch.stop(2_000);
    setting.store.insert(targets, NODE);
    setting.dispatch.handOver.deliver(targets);
    await pass(3_000);
    await stopping;
    expect(setting.store.countOf("leased") + setting.store.countOf("marked")).toBe(0);
    leaveStopped();
  });
});

describe("a late settlement", () => {
  it("of a target that another has meanwhile is counted and changes nothing", async () => {
    const target = targetOf();
    const setting = await started([target], { answer: () => null });
    setting.store.takeAway(target);
    setting.carrier.answerOldest(taken);
    await pass(10);
    expect(setting.store.row(target).status).toBe("canceled");
    expect(setting.counts.get("msgbin_settlements_stale_total north")).toBe(1);
  });
});
