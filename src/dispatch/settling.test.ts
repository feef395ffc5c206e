import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { Settlement, SettlementResult } from "../store/queueing.ts";
import { createWitness, NODE, START, targetOf, targetsOf } from "./dispatch.fixture.ts";
import { keyText, MemoryQueue } from "./memory-queue.fixture.ts";
import { Settling } from "./settling.ts";
import { releaseTarget } from "./unsent-target.ts";

function setUp(targets: readonly OutboundTarget[]) {
  const store = new MemoryQueue();
  store.insert(targets, NODE);
  const { logger, lines } = createWitness();
  const settling = new Settling(store, logger);
  const committed: string[] = [];
  const add = (target: OutboundTarget): void =>
    settling.add(releaseTarget(target, START, NODE), () => committed.push(keyText(target)));
  const batches = () => store.calls.map(({ size }) => size);
  return { store, settling, committed, add, batches, lines };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("settling", () => {
  it("writes what arrives in one tick as one batch, and tells after the commit", async () => {
    const targets = targetsOf(3);
    const { settling, committed, add, batches } = setUp(targets);
    for (const target of targets) add(target);
    expect(committed).toEqual([]);
    await vi.advanceTimersByTimeAsync(2);
    expect(committed).toEqual(targets.map(keyText));
    expect(batches()).toEqual([3]);
    await settling.settled();
  });

  it("gathers what arrives while two commits are under way into the next", async () => {
    const targets = targetsOf(30);
    const { store, settling, add, batches } = setUp(targets);
    store.commitMs = 100;
    for (const target of targets) {
      add(target);
      await vi.advanceTimersByTimeAsync(2);
    }
    await vi.advanceTimersByTimeAsync(500);
    await settling.settled();
    expect(batches().slice(0, 2)).toEqual([1, 1]);
    expect(batches()).toHaveLength(3);
    expect(store.countOf("waiting")).toBe(30);
  });

  it("splits what is more than 2,000 into batches", async () => {
    const targets = targetsOf(2_001);
    const { settling, add, batches } = setUp(targets);
    for (const target of targets) add(target);
    await vi.advanceTimersByTimeAsync(5);
    await settling.settled();
    expect(batches()).toEqual([2_000, 1]);
  });

  it("keeps what cannot be written and writes it when the store is back", async () => {
    const targets = targetsOf(50);
    const { store, settling, committed, add } = setUp(targets);
    store.failing = () => new StoreUnavailable("disk_full", "no room");
    for (const target of targets) {
      add(target);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(committed).toEqual([]);
    expect(settling.size).toBe(50);
    store.failing = () => null;
    await vi.advanceTimersByTimeAsync(10_000);
    await settling.settled();
    expect(committed.toSorted()).toEqual(targets.map(keyText).toSorted());
  });

  it("asks an unavailable store ever more rarely, up to every five seconds", async () => {
    const [target] = [targetOf()];
    const { store, add, settling } = setUp([target]);
    store.failing = () => new StoreUnavailable("busy", "locked");
    add(target);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.calls.length).toBeGreaterThan(10);
    expect(store.calls.length).toBeLessThan(22);
    settling.close();
  });

  it.each([
    ["refuses", new Error("constraint failed")],
    ["cannot write for a damaged page", new StoreUnavailable("damaged", "restore a backup")],
  ])("gets everything written but the one that the store %s", async (_, refusal) => {
    const targets = targetsOf(40);
    const [poison] = targets;
    const { store, settling, add, lines } = setUp(targets);
    const write = store.settleTargets.bind(store);
    store.settleTargets = (settlements: readonly Settlement[]): Promise<readonly SettlementResult[]> =>
      settlements.some(({ messageId }) => messageId === poison?.messageId)
        ? Promise.reject(refusal)
        : write(settlements);
    for (const target of targets) add(target);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(store.countOf("waiting")).toBe(39);
    expect(settling.size).toBe(1);
    expect(lines.some((line) => line.startsWith("the store refused outcomes"))).toBe(true);
    settling.close();
  });

  it("tries no more once it is closed", async () => {
    const target = targetOf();
    const { store, settling, add } = setUp([target]);
    store.failing = () => new StoreUnavailable("closed", "closed");
    add(target);
    await vi.advanceTimersByTimeAsync(5);
    settling.close();
    const before = store.calls.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.calls.length).toBe(before);
    expect(vi.getTimerCount()).toBe(0);
  });
});
