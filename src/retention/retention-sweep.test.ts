import { describe, expect, it } from "vitest";
import { createClock } from "../domain/clock.ts";
import type { NodeId } from "../domain/ids.ts";
import type { RetentionOutcome, RetentionRequest } from "../store/retaining.ts";
import { RetentionSweep } from "./retention-sweep.ts";

const NODE = "01900000-0000-7000-8000-000000000001" as NodeId;
const fallback = { days: 30, contentDays: null, wholeMonths: false };

const swept = (change: Partial<Extract<RetentionOutcome, { kind: "swept" }>> = {}): RetentionOutcome => ({
  kind: "swept",
  removed: 0,
  emptied: 0,
  heldBack: 0,
  dropped: [],
  next: null,
  ...change,
});

/** A sweep over a store that answers one outcome after the other, until there are none left. */
async function run(outcomes: readonly (RetentionOutcome | Error)[]) {
  const asked: RetentionRequest[] = [];
  const counted: string[] = [];
  const lines: (readonly [string, object, string])[] = [];
  const note = (level: string) => (facts: object, words: string) => void lines.push([level, facts, words]);
  const sweep = await new Promise<RetentionSweep>((resolve) => {
    const made: RetentionSweep = new RetentionSweep({
      store: {
        sweepRetention(request) {
          const outcome = outcomes[asked.length];
          if (outcome === undefined) {
            resolve(made);
            return Promise.resolve({ kind: "elsewhere" });
          }
          asked.push(request);
          return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
        },
      },
      fallback,
      node: NODE,
      clock: createClock(() => Date.UTC(2026, 0, 1)),
      monotonicMs: () => performance.now(),
      metrics: {
        count: (name, labels, by) => counted.push(`${name} ${labels?.["what"]} ${by}`),
        gauge: (name, value) => counted.push(`${name} ${value}`),
        observe() {},
      },
      logger: { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") },
      rhythm: { firstAfterMs: 0, everyMs: 1, pauseAtLeastMs: 0 },
    });
    made.start();
  });
  await sweep.stop();
  return { asked, counted, lines };
}

describe("the sweep of old messages", () => {
  it("goes on where a step ended, and begins anew after the last", async () => {
    const { asked } = await run([swept({ next: "a" }), swept({ next: "b" }), swept(), swept()]);
    expect(asked.map(({ from }) => from)).toEqual([null, "a", "b", null]);
    expect(asked[0]).toMatchObject({ node: NODE, fallback, limit: 200 });
    expect((asked[0]?.leaseUntil ?? 0) - (asked[0]?.now ?? 0)).toBeGreaterThan(60_000_000);
  });

  it("counts what went, and says it once a sweep", async () => {
    const { counted, lines } = await run([
      swept({ removed: 3, dropped: ["2025_01", "2025_02"], next: "a" }),
      swept({ removed: 2, emptied: 4, heldBack: 1 }),
      swept(),
    ]);
    expect(counted.filter((line) => line.includes("total"))).toEqual([
      "msgbin_retention_removed_total message 3",
      "msgbin_retention_removed_total month 2",
      "msgbin_retention_removed_total message 2",
      "msgbin_retention_removed_total content 4",
    ]);
    expect(counted).toContain("msgbin_retention_held_back 1");
    const facts = { messages: 5, contents: 4, months: "2025_01 2025_02", held_back: 1 };
    expect(lines).toEqual([["info", facts, "old messages were taken away"]]);
  });

  it("leaves a sweep to the node that is at it, and begins from the start when its turn comes", async () => {
    const { asked } = await run([swept({ next: "a" }), { kind: "elsewhere" }, swept()]);
    expect(asked.map(({ from }) => from)).toEqual([null, "a", null]);
  });

  it("warns once while the store fails, and tries on", async () => {
    const { asked, lines } = await run([new Error("away"), new Error("away"), swept(), new Error("again")]);
    expect(asked).toHaveLength(4);
    expect(lines.map(([level]) => level)).toEqual(["warn", "warn"]);
  });
});
