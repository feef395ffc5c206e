import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { createReadiness } from "./readiness.ts";

describe("readiness", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is what a write to the store tells", async () => {
    const failures = [null, new StoreUnavailable("disk_full", "no room"), null];
    const readiness = createReadiness({
      async probe() {
        const failure = failures.shift();
        if (failure instanceof Error) throw failure;
      },
    });
    expect(await readiness()).toEqual({ isReady: true, checks: { store: "ok" } });
    expect(await readiness()).toEqual({ isReady: false, checks: { store: "disk_full: no room" } });
    expect(await readiness()).toMatchObject({ isReady: true });
  });

  it("is answered within three seconds though the store says nothing, and asks it once", async () => {
    let probes = 0;
    const answers = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const readiness = createReadiness({ probe: () => answers[probes++]?.promise ?? Promise.resolve() });
    const asked = [readiness(), readiness()];
    await vi.advanceTimersByTimeAsync(3_000);
    const silent = { isReady: false, checks: { store: "busy: the store does not answer" } };
    expect(await Promise.all(asked)).toEqual([silent, silent]);
    const again = readiness();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await again).toEqual(silent);
    expect(probes).toBe(1);
    answers[0]?.resolve();
    await vi.advanceTimersByTimeAsync(0);
    answers[1]?.resolve();
    expect(await readiness()).toMatchObject({ isReady: true });
    expect(probes).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("throws what is a defect", async () => {
    const defect = new Error("no such table");
    await expect(createReadiness({ probe: () => Promise.reject(defect) })()).rejects.toBe(defect);
  });
});
