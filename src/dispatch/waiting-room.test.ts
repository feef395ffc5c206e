import { describe, expect, it } from "vitest";
import { targetOf, targetsOf } from "./dispatch.fixture.ts";
import { WaitingRoom } from "./waiting-room.ts";

function roomWith(limit: number, count: number): WaitingRoom {
  const waiting = new WaitingRoom(limit);
  waiting.reserve(count);
  waiting.enter(targetsOf(count));
  return waiting;
}

describe("the waiting room", () => {
  it("takes as many as its limit and not one more", () => {
    const waiting = new WaitingRoom(3);
    expect(waiting.reserve(4)).toBe(false);
    expect(waiting.reserve(3)).toBe(true);
    expect(waiting.reserve(1)).toBe(false);
    waiting.release(1);
    expect(waiting.reserve(1)).toBe(true);
  });

  it("counts those that were taken out until their place is released", () => {
    const waiting = roomWith(2, 2);
    waiting.shift();
    expect(waiting.size).toBe(1);
    expect(waiting.room).toBe(0);
    waiting.release(1);
    expect(waiting.room).toBe(1);
    expect(waiting.drain()).toHaveLength(1);
    expect([waiting.size, waiting.room]).toEqual([0, 1]);
  });

  it("lets the more urgent go first, and equally urgent ones in the order they came", () => {
    const waiting = new WaitingRoom(10);
    waiting.reserve(4);
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
    const waiting = new WaitingRoom(10);
    waiting.reserve(3);
    const [urgent, first, second] = [targetOf({ priority: 0 }), targetOf(), targetOf()];
    waiting.enter([urgent, first, second]);
    const taken = [waiting.shift(), waiting.shift()].filter((target) => target !== undefined);
    waiting.putBack(taken);
    expect(waiting.size).toBe(3);
    expect(waiting.room).toBe(7);
    expect(waiting.drain()).toEqual([urgent, first, second]);
  });
});
