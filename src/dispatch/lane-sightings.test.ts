import { describe, expect, it } from "vitest";
import { LaneSightings } from "./lane-sightings.ts";

const UP = { isUp: true, isHolding: true };
const WAITING = { isUp: false, isHolding: true };
const IDLE = { isUp: false, isHolding: false };

describe("lanes", () => {
  it("were never up at first, and the carrier is not down while no slot is held", () => {
    const sightings = new LaneSightings();
    expect(sightings.lastHereMs(0)).toBe(-Infinity);
    expect(sightings.isUp(1_000_000, 0)).toBe(false);
    sightings.see(IDLE, 5);
    expect(sightings.downSinceMs).toBeNull();
  });

  it("are up until the turn that finds them gone, however long ago the one before was", () => {
    const sightings = new LaneSightings();
    sightings.see(UP, 0);
    expect(sightings.lastHereMs(40_000)).toBe(40_000);
    sightings.see(WAITING, 60_000);
    sightings.see(WAITING, 61_000);
    expect(sightings.lastHereMs(62_000)).toBe(60_000);
    expect(sightings.downSinceMs).toBe(60_000);
  });

  it("are missed from when the slot is held, and anew when it was let go", () => {
    const sightings = new LaneSightings();
    sightings.see(WAITING, 10);
    sightings.see(IDLE, 20);
    sightings.see(WAITING, 30);
    sightings.see(WAITING, 40);
    expect(sightings.downSinceMs).toBe(30);
  });

  it("of others count from when they were up last, and never go back", () => {
    const sightings = new LaneSightings();
    sightings.see(WAITING, 10);
    sightings.hear(50);
    sightings.hear(40);
    expect(sightings.downSinceMs).toBe(50);
    expect(sightings.isUp(5, 55)).toBe(true);
    expect(sightings.isUp(5, 56)).toBe(false);
    expect(sightings.lastHereMs(56)).toBe(-Infinity);
  });
});
