import { describe, expect, it } from "vitest";
import { START, targetOf } from "./dispatch.fixture.ts";
import { Flight, LaneLine } from "./lane-line.ts";

let sequence = 0;

function flightOn(line: LaneLine, parts = 1): Flight {
  return new Flight(line, sequence++, targetOf({ parts }), parts);
}

function lineOf(windowSize: number): LaneLine {
  const line = new LaneLine({ bind: 0, epoch: 1 });
  line.windowSize = windowSize;
  return line;
}

describe("a lane's line", () => {
  it.each([
    [1, 65],
    [64, 128],
    [1_000, 2_000],
  ])("with a window of %d takes %d parts that are not settled", (windowSize, parts) => {
    const line = lineOf(windowSize);
    for (let count = 0; count < parts; count++) {
      expect(line.free).toBeGreaterThan(0);
      line.begin(flightOn(line));
    }
    expect(line.free).toBe(0);
  });

  it("counts a flight from the request to mark it until its settlement is committed", () => {
    const line = lineOf(10);
    const flight = flightOn(line, 3);
    line.begin(flight);
    expect([line.unsettled, line.aheadParts, line.isReady]).toEqual([1, 3, false]);
    line.marked(flight, START);
    expect(line.isReady).toBe(true);
    expect(line.next()).toBe(flight);
    expect([line.unsettled, line.aheadParts, line.isReady, line.free]).toEqual([1, 0, false, 71]);
    line.end(flight);
    expect([line.unsettled, line.free]).toEqual([0, 74]);
  });

  it("forgets a flight whose mark was refused", () => {
    const line = lineOf(10);
    const flight = flightOn(line, 2);
    line.begin(flight);
    line.withdraw(flight);
    expect([line.unsettled, line.aheadParts, line.free]).toEqual([0, 0, 74]);
  });

  it("lets throttled flights go first and in their old order, in whatever order they came back", () => {
    const line = lineOf(10);
    const flights = Array.from({ length: 5 }, () => flightOn(line));
    for (const flight of flights) {
      line.begin(flight);
      line.marked(flight, START);
    }
    const [first, second, third] = [line.next(), line.next(), line.next()];
    for (const flight of [third, first, second]) if (flight !== undefined) line.takeBack(flight, flight);
    expect(Array.from({ length: 5 }, () => line.next())).toEqual(flights);
    expect(line.next()).toBeUndefined();
  });

  it("uses less of the window for what was taken in part", () => {
    const line = lineOf(10);
    const flight = flightOn(line, 5);
    line.begin(flight);
    line.marked(flight, START);
    line.next();
    line.takeBack(flight, { target: flight.target, parts: 2, receiptKeys: [], trail: [], throttles: 1 });
    expect([line.aheadParts, line.free]).toEqual([2, 72]);
    expect(line.next()?.parts).toBe(2);
  });

  it("drains what was not handed to the carrier", () => {
    const line = lineOf(10);
    const flights = Array.from({ length: 3 }, () => flightOn(line));
    for (const flight of flights) {
      line.begin(flight);
      line.marked(flight, START);
    }
    const sent = line.next();
    expect(line.drain()).toEqual(flights.slice(1));
    expect([line.isReady, line.aheadParts, line.unsettled]).toEqual([false, 0, 3]);
    expect(sent).toBe(flights[0]);
  });
});
