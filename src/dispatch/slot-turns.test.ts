import { describe, expect, it } from "vitest";
import { type SlotState, SlotTurns } from "./slot-turns.ts";

const SETTINGS = { heartbeatMs: 3_000 };
const SINCE_0 = { sinceMs: 0, turnMs: 45_000 };
const CUT_OFF = { slots: 1, held: 1, share: 1, others: 2, cutOff: SINCE_0 };

/** One that has just let go, at 45 s, and what it is told from then on. */
function letGo(change: Partial<SlotState> = {}) {
  const turns = new SlotTurns(SETTINGS);
  const state = { ...CUT_OFF, ...change };
  expect(turns.want(state, 44_999)).toBe(state.share);
  turns.want(state, 45_000);
  return { turns, without: { ...state, held: 0, cutOff: null } };
}

describe("a node that cannot reach a carrier", () => {
  it.each([
    ["the only slot where others hold none", { slots: 1, held: 1, share: 1, others: 1 }, 0],
    ["as many as others have room for", { slots: 3, held: 2, share: 2, others: 1 }, 1],
    ["all where there is room for more", { slots: 5, held: 2, share: 2, others: 3 }, 0],
    ["none where every node holds its share", { slots: 2, held: 1, share: 1, others: 1 }, 1],
    ["none when it is alone", { slots: 2, held: 2, share: 2, others: 0 }, 2],
  ])("lets go of %s", (_, state, want) => {
    const turns = new SlotTurns(SETTINGS);
    expect(turns.want({ ...state, cutOff: SINCE_0 }, 45_000)).toBe(want);
  });

  it("lets go of nothing while it reaches it, or before its time", () => {
    const turns = new SlotTurns(SETTINGS);
    expect(turns.want({ ...CUT_OFF, cutOff: null }, 1_000_000)).toBe(1);
    expect(turns.want({ ...CUT_OFF, cutOff: { ...SINCE_0, sinceMs: 960_000 } }, 1_000_000)).toBe(1);
  });
});

describe("a node that let go", () => {
  it("asks once whether nobody else took the slot, and then stands back until all others have had their time", () => {
    const { turns, without } = letGo();
    expect(turns.want(without, 50_999)).toBe(0);
    expect(turns.want(without, 51_000)).toBe(1);
    expect(turns.want(without, 54_000)).toBe(0);
    expect(turns.want(without, 134_999)).toBe(0);
    expect(turns.want(without, 135_000)).toBe(1);
    expect(turns.want(without, 138_000)).toBe(1);
  });

  it("stands back for as long as each of the others has its turn, however long that is", () => {
    const turns = new SlotTurns(SETTINGS);
    const slow = { ...CUT_OFF, cutOff: { sinceMs: 0, turnMs: 600_000 } };
    expect(turns.want(slow, 599_999)).toBe(1);
    expect(turns.want(slow, 600_000)).toBe(0);
    const without = { ...slow, held: 0, cutOff: null };
    expect(turns.want(without, 606_000)).toBe(1); // it asks
    expect(turns.want(without, 1_799_999)).toBe(0);
    expect(turns.want(without, 1_800_000)).toBe(1);
  });

  it("keeps what nobody else took for as long as before", () => {
    const { turns } = letGo({ slots: 3, held: 2, share: 2, others: 1 });
    const back = { slots: 3, held: 2, share: 2, others: 1, cutOff: SINCE_0 };
    expect(turns.want({ ...back, held: 1 }, 51_000)).toBe(2);
    expect(turns.want(back, 54_000)).toBe(2);
    expect(turns.want(back, 89_999)).toBe(2);
    expect(turns.want(back, 90_000)).toBe(1);
  });

  it("stands back no longer when another node is no more", () => {
    const { turns, without } = letGo();
    expect(turns.want(without, 60_000)).toBe(1); // it asks
    expect(turns.want(without, 63_000)).toBe(0);
    expect(turns.want({ ...without, others: 1 }, 66_000)).toBe(1);
    expect(turns.want({ ...without, others: 1 }, 69_000)).toBe(1);
  });
});
