import { describe, expect, it } from "vitest";
import type { NodeId } from "../domain/ids.ts";
import { addMs } from "../domain/micros.ts";
import { NODE, START } from "./dispatch.fixture.ts";
import { LivingNodes } from "./living-nodes.ts";

const OTHER = "0190a000-0000-7000-8000-0000000000f2" as NodeId;
const LEASE_MS = 11_000;
const HEARTBEAT_MS = 3_000;

const at = (seconds: number) => addMs(START, seconds * 1_000);

/** A node that was never heard. */
function setUp() {
  const living = new LivingNodes({ leaseMs: LEASE_MS, heartbeatMs: HEARTBEAT_MS });
  /** Whether the other is taken for living at a heartbeat, when its row ends at `endsAt`; null when it has none. */
  function believes(seconds: number, endsAt: number | null): boolean {
    const lives = [{ node: NODE, expiresAt: at(seconds + LEASE_MS / 1_000) }];
    if (endsAt !== null) lives.push({ node: OTHER, expiresAt: at(endsAt) });
    const nodes = living.heard(lives, at(seconds), seconds * 1_000);
    expect(nodes).toContain(NODE);
    return nodes.includes(OTHER);
  }
  return { living, believes };
}

/** A node that was heard every 3 s until 2 s, for longer than a lease; the other was heard last at 0 s. */
function setUpTwo() {
  const setting = setUp();
  for (let seconds = -28; seconds <= 2; seconds += 3) setting.believes(seconds, 11);
  return setting;
}

describe("another node", () => {
  it("is dead when its row has ended and this one missed no heartbeat", () => {
    const { believes } = setUpTwo();
    expect([5, 8, 10.999].map((seconds) => believes(seconds, 11))).toEqual([true, true, true]);
    expect(believes(11, 11)).toBe(false);
  });

  it("is believed to live for a lease when this one missed heartbeats while its row had not ended", () => {
    const { living, believes } = setUpTwo();
    living.missed();
    living.missed();
    expect(believes(11, 11)).toBe(true);
    for (let seconds = 14; seconds < 22; seconds += 3) expect(believes(seconds, 11)).toBe(true);
    expect(believes(22, 11)).toBe(false);
  });

  it("is believed though the one missed was tried again at once", () => {
    const { living, believes } = setUpTwo();
    for (const seconds of [5, 8]) expect(believes(seconds, 11)).toBe(true);
    living.missed();
    expect(believes(11, 11)).toBe(true);
  });

  it("is believed when this one did not get to its heartbeats, as in a process that was stopped", () => {
    expect(setUpTwo().believes(8.001, 8)).toBe(true);
    expect(setUpTwo().believes(8, 8)).toBe(false); // two heartbeats, and not more
  });

  it("is believed after its row was seen not to have ended yet: it may be back a little later", () => {
    const { living, believes } = setUpTwo();
    living.missed();
    for (const seconds of [8.5, 11.5, 14.5, 17.5]) expect(believes(seconds, 11)).toBe(true);
    expect(believes(20.5, 11)).toBe(false);
  });

  it("is dead that had ended before this one was heard last", () => {
    const { living, believes } = setUpTwo();
    for (let seconds = 5; seconds <= 11; seconds += 3) believes(seconds, 11);
    living.missed();
    expect(believes(40, 11)).toBe(false);
  });

  it("is not there when it has left, believed or not", () => {
    const { living, believes } = setUpTwo();
    living.missed();
    expect(believes(14, 11)).toBe(true);
    expect(believes(14.1, null)).toBe(false);
    expect(believes(17, null)).toBe(false);
  });

  it("is believed by one that has just started, however long ago it ended", () => {
    const { living, believes } = setUp();
    living.missed();
    expect(believes(0, -3_600)).toBe(true);
    expect(believes(10.999, -3_600)).toBe(true);
    expect(believes(11, -3_600)).toBe(false);
  });
});

describe("belief", () => {
  it("begins anew when the database goes away again", () => {
    const { living, believes } = setUpTwo();
    living.missed();
    expect(believes(20, 11)).toBe(true);
    living.missed();
    expect(believes(60, 11)).toBe(true);
    expect(believes(63, 11)).toBe(true);
    expect([66, 69, 71].map((seconds) => believes(seconds, 11))).toEqual([true, true, false]);
  });

  it("is not renewed by heartbeats that are only slow", () => {
    const { believes } = setUpTwo();
    expect([9, 16, 23].map((seconds) => believes(seconds, 8))).toEqual([true, true, false]);
  });
});
