import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { NodeId } from "../domain/ids.ts";
import { addMs } from "../domain/micros.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { createDispatch, type Dispatch, type DispatchDependencies } from "./dispatch.ts";
import {
  CARRIER,
  createTestClock,
  createWitness,
  NODE,
  OTHER_CARRIER,
  START,
  targetOf,
  targetsOf,
} from "./dispatch.fixture.ts";
import { keyText, MemoryQueue } from "./memory-queue.fixture.ts";
import { type CarrierScript, later, ScriptedCarrier, taken, THROTTLED } from "./scripted-carrier.fixture.ts";

const OTHER_NODE = "0190a000-0000-7000-8000-0000000000f2" as NodeId;
/** When a node's life ends that no test outlasts. */
const FAR = addMs(START, 3_600_000);
/** What a turn takes by the faked clock, on which nothing that is asked for happens within the same millisecond. */
const TURN_MS = 1;
const UNAVAILABLE = new StoreUnavailable("disk_full", "no room on the disk");

interface Setting {
  readonly store: MemoryQueue;
  readonly carrier: ScriptedCarrier;
  readonly dispatch: Dispatch;
  readonly counts: ReadonlyMap<string, number>;
  readonly lines: readonly string[];
}

const running: Dispatch[] = [];

function setUp(
  script: CarrierScript = {},
  change: Partial<DispatchDependencies> = {},
  store = new MemoryQueue(),
): Setting {
  const carrier = new ScriptedCarrier(script);
  const { metrics, logger, counts, lines } = createWitness();
  const dispatch = createDispatch({
    store,
    node: NODE,
    clock: createTestClock(),
    monotonicMs: () => performance.now(),
    random: () => 0.5,
    countParts: ({ parts }) => parts,
    onReceipts: () => Promise.resolve(),
    onInbound: () => Promise.resolve(),
    metrics,
    logger,
    ...change,
  });
  running.push(dispatch);
  dispatch.add(carrier);
  return { store, carrier, dispatch, counts, lines };
}

/** Dispatching, with targets in the store from before. */
async function started(
  targets: readonly OutboundTarget[] = [],
  script: CarrierScript = {},
  change: Partial<DispatchDependencies> = {},
): Promise<Setting> {
  const setting = setUp(script, change);
  setting.store.insert(targets);
  void setting.dispatch.start();
  await pass(10);
  return setting;
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

/** What accept does: reserves, commits, delivers; false when they were left in the store. */
function handOver({ dispatch, store }: Setting, targets: readonly OutboundTarget[]): boolean {
  const isReserved = dispatch.handOver.reserve(CARRIER, targets.length);
  store.insert(targets, isReserved ? NODE : null);
  if (isReserved) dispatch.handOver.deliver(targets);
  return isReserved;
}

function submitted({ carrier }: Setting): string[] {
  return carrier.submissions.map(({ target }) => keyText(target));
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(async () => {
  const stopping = Promise.all(running.splice(0).map((dispatch) => dispatch.stop(0)));
  await pass(5_000);
  await stopping;
  const leaked = vi.getTimerCount();
  vi.useRealTimers();
  if (leaked > 0) throw new Error(`${leaked} timers were left behind`);
});

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
    expect(setting.dispatch.handOver.reserve(CARRIER, 20_001)).toBe(false);
    await pass(10);
    expect(setting.dispatch.handOver.reserve(CARRIER, 20_000)).toBe(true);
    expect(setting.dispatch.handOver.reserve(CARRIER, 1)).toBe(false);
    setting.dispatch.handOver.release(CARRIER, 20_000);
    await pass(10);
    expect(setting.dispatch.handOver.reserve(CARRIER, 1)).toBe(true);
    setting.dispatch.handOver.release(CARRIER, 1);
  });

  it("is left to the store while no lane is up, for an unknown carrier, and before the start", async () => {
    const unstarted = setUp();
    expect(unstarted.dispatch.handOver.reserve(CARRIER, 1)).toBe(false);
    const setting = await started();
    expect(setting.dispatch.handOver.reserve(OTHER_CARRIER, 1)).toBe(false);
    setting.carrier.disconnect();
    await pass(10);
    expect(setting.dispatch.handOver.reserve(CARRIER, 1)).toBe(false);
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
    dispatch.handOver.reserve(CARRIER, 2);
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

/** A target that another carrier may take. */
function reroutable(change: Partial<OutboundTarget> = {}): OutboundTarget {
  return targetOf({ fallbacks: [OTHER_CARRIER], ...change });
}

/** Two carriers, of which the first one's connection is lost. */
async function down(script: CarrierScript = {}, change: Partial<DispatchDependencies> = {}) {
  const setting = await started([], script, change);
  const other = new ScriptedCarrier({ id: OTHER_CARRIER, name: "south" });
  setting.dispatch.add(other);
  await pass(10);
  setting.carrier.disconnect();
  return { ...setting, other };
}

describe("a carrier that is down", () => {
  it("has the next one take what is due after half a minute, and from then on within a second", async () => {
    const { store, other, counts } = await down({}, { countParts: () => 3 });
    const target = reroutable({ attempts: 2 });
    store.insert([target]);
    await pass(29_900);
    expect(other.submissions).toEqual([]);
    await pass(200);
    expect(other.submissions.map((submission) => submission.target)).toMatchObject([
      { parts: 3, fallbacks: [], attempts: 2 },
    ]);
    expect(store.row(target).trail).toMatchObject([
      { what: "carrier_down", carrier: CARRIER },
      { what: "rerouted", carrier: OTHER_CARRIER },
      { what: "sent", carrier: OTHER_CARRIER },
    ]);
    const later = [reroutable({ priority: 0 }), reroutable({ priority: 2 })];
    store.insert(later);
    await pass(1_100);
    expect(later.map((each) => store.row(each).status)).toEqual(["sent", "sent"]);
    expect(counts.get("msgbin_failovers_total north")).toBe(3);
  });

  it("keeps what has no other, what no other can take, and what is not due", async () => {
    const { store, other, carrier } = await down(
      {},
      { countParts: ({ text }) => (text === "long" ? null : 1) },
    );
    const [pinned, long] = [targetOf(), reroutable({ text: "long" })];
    const later = reroutable({ dueAt: addMs(START, 3_600_000) });
    const gone = targetOf({ fallbacks: ["0190a000-0000-7000-8000-00000000000c" as typeof CARRIER] });
    store.insert([pinned, long, later, gone]);
    await pass(40_000);
    expect(other.submissions).toEqual([]);
    expect(store.countOf("waiting") + store.countOf("leased")).toBe(4);
    carrier.connect();
    await pass(1_100);
    expect([pinned, long, gone].map((each) => store.row(each).status)).toEqual(["sent", "sent", "sent"]);
  });

  it("passes what waits over those that are down too, and moves nothing while all are", async () => {
    const { store, other, dispatch } = await down();
    other.disconnect();
    const third = "0190a000-0000-7000-8000-00000000000c" as typeof CARRIER;
    const target = targetOf({ fallbacks: [OTHER_CARRIER, third] });
    store.insert([target]);
    await pass(60_000);
    expect(store.row(target)).toMatchObject({ state: "waiting", trail: [], target: { carrierId: CARRIER } });
    const last = new ScriptedCarrier({ id: third, name: "east" });
    dispatch.add(last);
    await pass(1_500);
    expect(last.submissions.map((submission) => submission.target.messageId)).toEqual([target.messageId]);
  });

  it("is given half a minute anew each time that a lane comes up", async () => {
    const { store, carrier, other } = await down();
    store.insert([reroutable({ dueAt: addMs(START, 25_000) })]);
    await pass(20_000);
    carrier.connect();
    await pass(10);
    carrier.disconnect();
    await pass(29_000);
    expect(other.submissions).toEqual([]);
    await pass(2_000);
    expect(other.submissions).toHaveLength(1);
  });

  it("may be up where another node holds slots: what that node would have taken by then is taken", async () => {
    const store = new MemoryQueue();
    store.nodes.set(OTHER_NODE, FAR);
    const { carrier, dispatch } = setUp({ slots: 2 }, {}, store);
    const other = new ScriptedCarrier({ id: OTHER_CARRIER, name: "south", slots: 2 });
    dispatch.add(other);
    void dispatch.start();
    await pass(10);
    carrier.disconnect();
    const [old, young] = [reroutable(), reroutable({ dueAt: addMs(START, 20_000) })];
    store.insert([old, young]);
    await pass(40_000);
    expect([old, young].map((each) => store.row(each).status)).toEqual(["sent", "queued"]);
    await pass(11_000);
    expect(store.row(young).status).toBe("sent");
  });

  it("is not what a carrier is whose slots others hold", async () => {
    const store = new MemoryQueue();
    const lease = { carrierId: CARRIER, bind: 0, node: OTHER_NODE, epoch: 1, expiresAt: FAR };
    store.leases.set(`${CARRIER}/0`, lease);
    const { dispatch } = setUp({}, {}, store);
    dispatch.add(new ScriptedCarrier({ id: OTHER_CARRIER, name: "south" }));
    void dispatch.start();
    const target = reroutable();
    store.insert([target]);
    await pass(60_000);
    expect(store.row(target)).toMatchObject({ state: "waiting", target: { carrierId: CARRIER } });
  });
});

describe("a store that cannot be written", () => {
  it("pauses marking; what waited goes out once each when it is back", async () => {
    const setting = await started();
    setting.store.failing = (operation) => (operation === "markInFlight" ? UNAVAILABLE : null);
    handOver(setting, targetsOf(50));
    await pass(5_000);
    expect(setting.carrier.submissions).toEqual([]);
    expect(setting.dispatch.handOver.reserve(CARRIER, 1)).toBe(false);
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
    running.splice(0);
  });

  it("waits no longer than it may, and leaves the rest as unknown", async () => {
    const setting = await started(targetsOf(10), { answer: () => null });
    const stopping = setting.dispatch.stop(2_000);
    await pass(2_100);
    await stopping;
    for (const { trail, state } of setting.store.rows.values())
      expect([state, trail.map(({ what }) => what)]).toEqual(["waiting", ["unknown_outcome"]]);
    running.splice(0);
  });

  it("comes to an end though the store does not answer", async () => {
    const setting = await started(targetsOf(10), { answer: () => null });
    setting.store.failing = () => UNAVAILABLE;
    setting.store.commitMs = 3_600_000;
    const stopping = setting.dispatch.stop(1_000);
    await pass(6_000);
    await stopping;
    expect(setting.lines.some((line) => line.includes("could not be written before the end"))).toBe(true);
    running.splice(0);
    vi.clearAllTimers();
  });

  it("releases what is claimed or delivered while it stops", async () => {
    const setting = await started();
    const targets = targetsOf(5);
    setting.dispatch.handOver.reserve(CARRIER, 5);
    setting.store.insert(targetsOf(5));
    setting.store.commitMs = 50;
    await pass(1);
    const stopping = setting.dispatch.stop(2_000);
    setting.store.insert(targets, NODE);
    setting.dispatch.handOver.deliver(targets);
    await pass(3_000);
    await stopping;
    expect(setting.store.countOf("leased") + setting.store.countOf("marked")).toBe(0);
    running.splice(0);
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
