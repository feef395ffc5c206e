import { afterEach, describe, expect, it, vi } from "vitest";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { type CommitPile, GroupCommit, WAIT_AT_MOST_MS, WAITING_LIMIT } from "./group-commit.ts";
import { OutcomeUnknown } from "./postgres-failure.ts";

function groupOf(commit: CommitPile<number, number>): GroupCommit<number, number> {
  return new GroupCommit(commit, { weigh: () => 1, onPile: () => undefined });
}

/** What PostgreSQL says of a key that is taken. */
function taken(): Error {
  return Object.assign(new Error("duplicate key value"), { code: "23505", severity: "ERROR" });
}

describe("group commit", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("puts what arrives while a commit is under way into the next", async () => {
    const piles: (readonly number[])[] = [];
    const first = Promise.withResolvers<null>();
    const group = groupOf(async (pile) => {
      piles.push(pile);
      await first.promise;
      return pile.map((request) => request * 2);
    });
    const answers = [group.submit(1), group.submit(2)];
    await Promise.resolve();
    await Promise.resolve();
    answers.push(group.submit(3), group.submit(4), group.submit(5));
    first.resolve(null);
    expect(await Promise.all(answers)).toEqual([2, 4, 6, 8, 10]);
    expect(piles).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
  });

  it("looks before it writes again when the outcome of a commit is unknown", async () => {
    const repeats: boolean[] = [];
    const group = groupOf((pile, isRepeat) => {
      repeats.push(isRepeat);
      if (repeats.length === 1) return Promise.reject(new OutcomeUnknown("broke", { cause: null }));
      if (repeats.length === 2)
        return Promise.reject(new StoreUnavailable("connection_lost", "not back yet"));
      return Promise.resolve([...pile]);
    });
    expect(await group.submit(7)).toBe(7);
    expect(repeats).toEqual([false, true, true]);
  });

  it("looks again when a look came before the commit had ended, and finds its keys taken", async () => {
    const repeats: boolean[] = [];
    const group = groupOf((pile, isRepeat) => {
      repeats.push(isRepeat);
      if (repeats.length === 1) return Promise.reject(new OutcomeUnknown("broke", { cause: null }));
      return repeats.length === 2 ? Promise.reject(taken()) : Promise.resolve([...pile]);
    });
    expect(await group.submit(7)).toBe(7);
    expect(repeats).toEqual([false, true, true]);
  });

  it("takes a key that is taken for a fault when no commit was lost", async () => {
    const group = groupOf(() => Promise.reject(taken()));
    await expect(group.submit(7)).rejects.toThrow("duplicate key");
  });

  it("looks before it writes the requests of such a pile one by one", async () => {
    const asked: (readonly [number, boolean])[] = [];
    let isLost = true;
    const group = groupOf((pile, isRepeat) => {
      if (isLost) {
        isLost = false;
        return Promise.reject(new OutcomeUnknown("broke", { cause: null }));
      }
      if (pile.includes(2)) return Promise.reject(new TypeError("not that one"));
      for (const request of pile) asked.push([request, isRepeat]);
      return Promise.resolve([...pile]);
    });
    const results = await Promise.allSettled([1, 2, 3].map((request) => group.submit(request)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(asked).toEqual([
      [1, true],
      [3, true],
    ]);
  });

  it("refuses all of a pile when the database does not take it, and goes on with the next", async () => {
    let isGone = true;
    const group = groupOf((pile) =>
      isGone ? Promise.reject(new StoreUnavailable("disk_full", "no room")) : Promise.resolve([...pile]),
    );
    const results = await Promise.allSettled([group.submit(1), group.submit(2)]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    isGone = false;
    expect(await group.submit(3)).toBe(3);
  });

  it("lets an operation that cannot be written fail alone", async () => {
    const group = groupOf((pile) =>
      pile.includes(2) ? Promise.reject(new TypeError("not that one")) : Promise.resolve([...pile]),
    );
    const results = await Promise.allSettled([1, 2, 3].map((request) => group.submit(request)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("says that the outcome is unknown when no look in a quarter of a minute tells", async () => {
    vi.useFakeTimers();
    let looks = 0;
    const group = groupOf(async () => {
      if (looks++ === 0) throw new OutcomeUnknown("broke", { cause: null });
      await new Promise((resolve) => setTimeout(resolve, 5_000)); // no connection is made
      throw new StoreUnavailable("connection_lost", "not back yet");
    });
    const refused = group.submit(7).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(16_000 + 5_000);
    expect(await refused).toMatchObject({ reason: "outcome_unknown" });
    expect(looks).toBeLessThan(6);
  });

  it("refuses what waited for ten seconds, and nothing of it is written", async () => {
    vi.useFakeTimers();
    const piles: (readonly number[])[] = [];
    const first = Promise.withResolvers<null>();
    const group = groupOf(async (pile) => {
      piles.push(pile);
      await first.promise;
      return [...pile];
    });
    const stuck = group.submit(1);
    await vi.advanceTimersByTimeAsync(1_000);
    const late = group.submit(2).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(4_000);
    const inTime = [group.submit(3), group.submit(4)];
    await vi.advanceTimersByTimeAsync(WAIT_AT_MOST_MS - 4_000);
    expect(await late).toMatchObject({ reason: "busy" });
    first.resolve(null);
    expect(await Promise.all([stuck, ...inTime])).toEqual([1, 3, 4]);
    expect(piles).toEqual([[1], [3, 4]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("takes as many as may wait, and not one more", async () => {
    const first = Promise.withResolvers<null>();
    const group = groupOf(async (pile) => {
      await first.promise;
      return [...pile];
    });
    const answers = Array.from({ length: WAITING_LIMIT }, (_, request) => group.submit(request));
    await expect(group.submit(0)).rejects.toThrow(StoreUnavailable);
    first.resolve(null);
    expect(await Promise.all(answers)).toHaveLength(WAITING_LIMIT);
  });
});
