import { describe, expect, it } from "vitest";
import { LaneSightings } from "./lane-sightings.ts";

const LEASE_MS = 11_000;
const IDLE_MS = 30_000;
const UP = { lanes: "up", isHolding: true } as const;
const WAITING = { lanes: "down", isHolding: true } as const;
const IDLE = { lanes: "down", isHolding: false } as const;
const TRIED = { lanes: "tried", isHolding: true } as const;
const UNTRIED = { lanes: "idle", isHolding: true } as const;

function sightingsOfNothing(): LaneSightings {
  return new LaneSightings({ leaseMs: LEASE_MS, failoverMs: IDLE_MS });
}

describe("lanes", () => {
  it("were never up at first, and the carrier is not down while no slot is held", () => {
    const sightings = sightingsOfNothing();
    expect(sightings.lastHereMs(0)).toBe(-Infinity);
    expect(sightings.isUp(1_000_000, 0)).toBe(false);
    sightings.see(IDLE, 5);
    expect(sightings.downSinceMs).toBeNull();
  });

  it("are up until the turn that finds them gone, however long ago the one before was", () => {
    const sightings = sightingsOfNothing();
    sightings.see(UP, 0);
    expect(sightings.lastHereMs(40_000)).toBe(40_000);
    sightings.see(WAITING, 60_000);
    sightings.see(WAITING, 61_000);
    expect(sightings.lastHereMs(62_000)).toBe(60_000);
    expect(sightings.downSinceMs).toBe(60_000);
  });

  it("are missed for as long as slots are held and asked for, whoever had them before", () => {
    const sightings = sightingsOfNothing();
    sightings.hear(null, 0);
    sightings.see(IDLE, 10);
    expect(sightings.downSinceMs).toBeNull();
    sightings.hear(null, 10_000);
    sightings.see(WAITING, 20_000);
    expect(sightings.downSinceMs).toBe(0);
    expect(sightings.waitingSinceMs).toBe(20_000);
    sightings.see(IDLE, 20_500);
    sightings.see(WAITING, 21_000);
    expect(sightings.downSinceMs).toBe(0);
    expect(sightings.waitingSinceMs).toBe(21_000);
  });

  it("are missed anew when the store was away for longer than slots stay with anybody", () => {
    const sightings = sightingsOfNothing();
    sightings.see(WAITING, 0);
    sightings.hear(null, 0);
    sightings.hear(null, LEASE_MS);
    expect(sightings.downSinceMs).toBe(0);
    sightings.hear(null, 2 * LEASE_MS + 1);
    expect(sightings.downSinceMs).toBe(2 * LEASE_MS + 1);
  });

  it("of others count from when they were up last, and never go back", () => {
    const sightings = sightingsOfNothing();
    sightings.see(WAITING, 10);
    sightings.hear(50, 60);
    sightings.hear(40, 60);
    sightings.hear(null, 60);
    expect(sightings.isUp(10, 60)).toBe(true);
    expect(sightings.isUp(9, 60)).toBe(false);
    expect(sightings.lastHereMs(60)).toBe(-Infinity);
    sightings.hear(70, 65);
    expect(sightings.downSinceMs).toBe(70);
  });
});

describe("lanes on trial", () => {
  it("are missed as if none was up, from when they were up last until one is up again", () => {
    const sightings = sightingsOfNothing();
    sightings.see(UP, 0);
    sightings.see(WAITING, 10);
    sightings.see(TRIED, 500);
    sightings.see(TRIED, 50_000);
    expect(sightings.isUp(LEASE_MS, 50_000)).toBe(false);
    expect(sightings.lastHereMs(50_000)).toBe(10);
    expect(sightings.downSinceMs).toBe(10);
    sightings.see(UP, 50_001);
    expect(sightings.isUp(LEASE_MS, 50_001)).toBe(true);
    expect(sightings.downSinceMs).toBeNull();
  });

  it("are not what keeps the carrier out of reach", () => {
    const sightings = sightingsOfNothing();
    sightings.see(WAITING, 0);
    expect(sightings.waitingSinceMs).toBe(0);
    sightings.see(TRIED, 10);
    expect(sightings.waitingSinceMs).toBeNull();
  });

  it("of which another node has one up count as that one does", () => {
    const sightings = sightingsOfNothing();
    sightings.see(TRIED, 0);
    sightings.hear(null, 0);
    sightings.hear(4_000, 5_000);
    expect(sightings.isUp(LEASE_MS, 5_000)).toBe(true);
    expect(sightings.downSinceMs).toBe(4_000);
  });

  it("count as up when there was nothing to try for half a minute, and not from the next try on", () => {
    const sightings = sightingsOfNothing();
    sightings.see(TRIED, 0);
    sightings.see(UNTRIED, 1_000);
    sightings.see(UNTRIED, 1_000 + IDLE_MS - 1);
    expect(sightings.isUp(LEASE_MS, 1_000 + IDLE_MS - 1)).toBe(false);
    sightings.see(UNTRIED, 1_000 + IDLE_MS);
    expect(sightings.isUp(LEASE_MS, 1_000 + IDLE_MS)).toBe(true);
    sightings.see(TRIED, 40_000);
    expect(sightings.isUp(LEASE_MS, 40_000)).toBe(false);
    expect(sightings.downSinceMs).toBe(40_000);
    sightings.see(UNTRIED, 41_000);
    expect(sightings.isUp(LEASE_MS, 41_000)).toBe(false);
  });
});
