import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { createDispatch, type Dispatch } from "./dispatch.ts";
import { CARRIER, createTestClock, createWitness, NODE, targetsOf } from "./dispatch.fixture.ts";
import { MemoryQueue } from "./memory-queue.fixture.ts";
import { type CarrierScript, ScriptedCarrier, taken } from "./scripted-carrier.fixture.ts";

const LOST = new StoreUnavailable("connection_lost", "the connection broke during a commit");
/** Two looks, and what it takes to send. */
const FOUND_AFTER_MS = 2 * 30_000 + 5_000;

const running: Dispatch[] = [];

async function started(script: CarrierScript = {}) {
  const store = new MemoryQueue();
  const carrier = new ScriptedCarrier(script);
  const { metrics, logger, counts } = createWitness();
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
  });
  running.push(dispatch);
  dispatch.add(carrier);
  void dispatch.start();
  await vi.advanceTimersByTimeAsync(10);
  return { store, carrier, dispatch, strays: () => counts.get("msgbin_strays_total north") ?? 0 };
}

describe("a target that the store leases to this node", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(async () => {
    const stopping = Promise.all(running.splice(0).map((dispatch) => dispatch.stop(0)));
    await vi.advanceTimersByTimeAsync(5_000);
    await stopping;
    vi.useRealTimers();
  });

  it("is sent though the answer to its acceptance was lost", async () => {
    const { store, dispatch, carrier, strays } = await started();
    expect(dispatch.handOver.reserve(CARRIER, targetsOf(10))).toBe(true);
    store.insert(targetsOf(10), NODE); // committed, but accept was told that nobody knows
    dispatch.handOver.release(CARRIER, targetsOf(10));
    await vi.advanceTimersByTimeAsync(FOUND_AFTER_MS);
    expect(carrier.submissions).toHaveLength(10);
    expect(store.countOf("done")).toBe(10);
    expect(strays()).toBe(10);
  });

  it("is sent once though the answer to its claim was lost", async () => {
    const { store, carrier, strays } = await started();
    store.losing = (operation) => (operation === "claimTargets" ? LOST : null);
    store.insert(targetsOf(10));
    await vi.advanceTimersByTimeAsync(50);
    store.losing = () => null;
    await vi.advanceTimersByTimeAsync(FOUND_AFTER_MS);
    expect(carrier.submissions).toHaveLength(10);
    expect(strays()).toBe(10);
  });

  it("is sent once, and is of no unknown outcome, though the answer to its mark was lost", async () => {
    const { store, carrier, strays } = await started();
    store.losing = (operation) => (operation === "markInFlight" ? LOST : null);
    store.insert(targetsOf(10));
    await vi.advanceTimersByTimeAsync(50);
    store.losing = () => null;
    expect(store.countOf("marked")).toBe(10);
    await vi.advanceTimersByTimeAsync(FOUND_AFTER_MS);
    expect(carrier.submissions).toHaveLength(10);
    expect(strays()).toBe(10);
    for (const { trail } of store.rows.values()) expect(trail.map(({ what }) => what)).toEqual(["sent"]);
  });

  it("is left alone for as long as it waits, is with the carrier, or is being settled", async () => {
    const { store, dispatch, carrier, strays } = await started({ windowSize: 5, answer: () => null });
    const targets = targetsOf(200);
    expect(dispatch.handOver.reserve(CARRIER, targetsOf(200))).toBe(true);
    store.insert(targets, NODE);
    dispatch.handOver.deliver(targets);
    await vi.advanceTimersByTimeAsync(10);
    store.failing = (operation) => (operation === "settleTargets" ? LOST : null);
    carrier.answerOldest(taken);
    await vi.advanceTimersByTimeAsync(3 * FOUND_AFTER_MS);
    expect(store.calls.filter(({ operation }) => operation === "leasedTargets").length).toBeGreaterThan(3);
    expect(strays()).toBe(0);
    expect(store.countOf("waiting")).toBe(0);
    store.failing = () => null;
  });

  it("is left alone while it is being given back, for lack of a lane", async () => {
    const { store, dispatch, carrier, strays } = await started({ windowSize: 1 });
    const targets = targetsOf(200);
    expect(dispatch.handOver.reserve(CARRIER, targetsOf(200))).toBe(true);
    carrier.disconnect();
    store.insert(targets, NODE);
    store.failing = (operation) => (operation === "settleTargets" ? LOST : null);
    dispatch.handOver.deliver(targets);
    await vi.advanceTimersByTimeAsync(3 * FOUND_AFTER_MS);
    expect(store.countOf("leased")).toBe(200);
    expect(strays()).toBe(0);
    store.failing = () => null;
  });

  it("is given back once, however long that takes to be written", async () => {
    const { store, strays } = await started();
    store.insert(targetsOf(10), NODE);
    store.failing = (operation) => (operation === "settleTargets" ? LOST : null);
    await vi.advanceTimersByTimeAsync(3 * FOUND_AFTER_MS);
    expect(strays()).toBe(10);
    store.failing = () => null;
  });

  it("is sent once though the answer to its being given back was lost", async () => {
    const { store, carrier } = await started({ answer: () => null });
    store.insert(targetsOf(10), NODE);
    store.losing = (operation) => (operation === "settleTargets" ? LOST : null);
    await vi.advanceTimersByTimeAsync(2 * FOUND_AFTER_MS);
    store.losing = () => null;
    await vi.advanceTimersByTimeAsync(FOUND_AFTER_MS);
    expect(carrier.submissions).toHaveLength(10);
    expect(store.countOf("marked")).toBe(10);
  });

  it("is given back only when it is unknown twice", async () => {
    const { store, dispatch, strays } = await started({ windowSize: 1, answer: () => null });
    const targets = targetsOf(100);
    expect(dispatch.handOver.reserve(CARRIER, targetsOf(100))).toBe(true);
    store.insert(targets, NODE);
    await vi.advanceTimersByTimeAsync(34_000); // one look: the answer to the acceptance takes its time
    dispatch.handOver.deliver(targets);
    await vi.advanceTimersByTimeAsync(FOUND_AFTER_MS);
    expect(strays()).toBe(0);
  });
});
