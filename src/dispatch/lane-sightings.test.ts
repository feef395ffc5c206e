import { describe, expect, it } from "vitest";
import { LaneSightings } from "./lane-sightings.ts";

const LEASE_MS = 11_000;
const UP = { isUp: true, isHolding: true };
const WAITING = { isUp: false, isHolding: true };
const IDLE = { isUp: false, isHolding: false };

describe("lanes", () => {
  it("were never up at first, and the carrier is not down while no slot is held", () => {
    const sightings = new LaneSightings(LEASE_MS);
    expect(sightings.lastHereMs(0)).toBe(-Infinity);
    expect(sightings.isUp(1_000_000, 0)).toBe(false);
    sightings.see(IDLE, 5);
    expect(sightings.downSinceMs).toBeNull();
  });

  it("are up until the turn that finds them gone, however long ago the one before was", () => {
    const sightings = new LaneSightings(LEASE_MS);
    sightings.see(UP, 0);
    expect(sightings.lastHereMs(40_000)).toBe(40_000);
    sightings.see(WAITING, 60_000);
    sightings.see(WAITING, 61_000);
    expect(sightings.lastHereMs(62_000)).toBe(60_000);
    expect(sightings.downSinceMs).toBe(60_000);
  });

  it("are missed for as long as slots are held and asked for, whoever had them before", () => {
    const sightings = new LaneSightings(LEASE_MS);
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
    const sightings = new LaneSightings(LEASE_MS);
    sightings.see(WAITING, 0);
    sightings.hear(null, 0);
    sightings.hear(null, LEASE_MS);
    expect(sightings.downSinceMs).toBe(0);
    sightings.hear(null, 2 * LEASE_MS + 1);
    expect(sightings.downSinceMs).toBe(2 * LEASE_MS + 1);
  });

  it("of others count from when they were up last, and never go back", () => {
    const sightings = new LaneSightings(LEASE_MS);
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
