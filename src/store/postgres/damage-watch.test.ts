import { describe, expect, it, vi } from "vitest";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { DAMAGE_SHOWN_MS, DamageWatch } from "./damage-watch.ts";

const DAMAGED = new StoreUnavailable("damaged", "invalid page in block 3");

describe("damage of the database", () => {
  it("that a write met is shown until ten minutes after it was met last", () => {
    const time = { now: 0 };
    const { watch } = watchAt(time);
    watch.requireWhole();
    watch.note(DAMAGED, true);
    time.now = DAMAGE_SHOWN_MS - 1;
    expect(() => watch.requireWhole()).toThrow(DAMAGED);
    watch.note(DAMAGED, true);
    time.now = 2 * DAMAGE_SHOWN_MS - 2;
    expect(() => watch.requireWhole()).toThrow(DAMAGED);
    time.now++;
    watch.requireWhole();
  });

  it("that only reading met is logged and not shown, and other failures are neither", () => {
    const { watch, error } = watchAt({ now: 0 });
    watch.note(new StoreUnavailable("busy", "others stood in the way"), true);
    watch.note(new Error("a defect"), true);
    expect(error).not.toHaveBeenCalled();
    watch.note(DAMAGED, false);
    expect(error).toHaveBeenCalledExactlyOnceWith({ error: DAMAGED.message }, "the database is damaged");
    watch.requireWhole();
  });

  it("is logged once a minute, however often it is met", () => {
    const time = { now: 0 };
    const { watch, error } = watchAt(time);
    for (; time.now <= 60_000; time.now += 1_000) watch.note(DAMAGED, true);
    expect(error).toHaveBeenCalledTimes(2);
  });
});

function watchAt(time: { now: number }) {
  const error = vi.fn<(fields: unknown, message: string) => void>();
  const logger = { debug() {}, info() {}, warn() {}, error };
  return { watch: new DamageWatch(logger, () => time.now), error };
}
