import { describe, expect, it } from "vitest";
import { targetOf, targetsOf } from "./dispatch.fixture.ts";
import { WaitingRoom } from "./waiting-room.ts";

function roomFor(waitingLimit: number, waitingCharacters = 0, share = () => 1): WaitingRoom {
  return new WaitingRoom({ waitingLimit, waitingCharacters }, share);
}

function roomWith(limit: number, count: number): WaitingRoom {
  const waiting = roomFor(limit);
  waiting.reserve(count, 0);
  waiting.enter(targetsOf(count));
  return waiting;
}

describe("the waiting room", () => {
  it("takes as many as its limit and not one more", () => {
    const waiting = roomFor(3);
    expect(waiting.reserve(4, 0)).toBe(false);
    expect(waiting.reserve(3, 0)).toBe(true);
    expect(waiting.reserve(1, 0)).toBe(false);
    waiting.release(1, 0);
    expect(waiting.reserve(1, 0)).toBe(true);
  });

  it("takes as many characters as its limit and not one more, and counts them until they are released", () => {
    const waiting = roomFor(10, 1_000);
    expect(waiting.reserve(2, 1_001)).toBe(false);
    expect(waiting.reserve(2, 1_000)).toBe(true);
    expect(waiting.reserve(1, 1)).toBe(false);
    waiting.enter(targetsOf(2, { text: "x".repeat(500) }));
    waiting.shift();
    expect([waiting.room, waiting.characterRoom]).toEqual([8, 0]);
    waiting.release(1, 500);
    expect([waiting.reserve(1, 501), waiting.reserve(1, 500)]).toEqual([false, true]);
  });

  it("has less room, and for one at least, while its share is less", () => {
    let share = 1;
    const waiting = roomFor(10, 1_000, () => share);
    waiting.reserve(6, 600);
    share = 0.5;
    expect([waiting.room, waiting.characterRoom]).toEqual([-1, -100]);
    waiting.release(6, 600);
    expect([waiting.room, waiting.characterRoom]).toEqual([5, 500]);
    share = 1e-6;
    expect([waiting.room, waiting.characterRoom]).toEqual([1, 1]);
  });

  it("counts those that were taken out until their place is released", () => {
    const waiting = roomWith(2, 2);
    waiting.shift();
    expect(waiting.size).toBe(1);
    expect(waiting.room).toBe(0);
    waiting.release(1, 0);
    expect(waiting.room).toBe(1);
    expect(waiting.drain()).toHaveLength(1);
    expect([waiting.size, waiting.room]).toEqual([0, 1]);
  });

  it("lets the more urgent go first, and equally urgent ones in the order they came", () => {
    const waiting = roomFor(10);
    waiting.reserve(4, 0);
    const [low, normal, high, later] = [
      targetOf({ priority: 2 }),
      targetOf({ priority: 1 }),
      targetOf({ priority: 0 }),
      targetOf({ priority: 1 }),
    ];
    waiting.enter([low, normal, high, later]);
    expect([waiting.shift(), waiting.shift(), waiting.shift(), waiting.shift(), waiting.shift()]).toEqual([
      high,
      normal,
      later,
      low,
      undefined,
    ]);
  });

  it("takes those back that could not go, before the others of their priority", () => {
    const waiting = roomFor(10);
    waiting.reserve(3, 0);
    const [urgent, first, second] = [targetOf({ priority: 0 }), targetOf(), targetOf()];
    waiting.enter([urgent, first, second]);
    const taken = [waiting.shift(), waiting.shift()].filter((target) => target !== undefined);
    waiting.putBack(taken);
    expect(waiting.size).toBe(3);
    expect(waiting.room).toBe(7);
    expect(waiting.drain()).toEqual([urgent, first, second]);
  });
});
