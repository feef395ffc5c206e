import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createClock } from "../../domain/clock.ts";
import { addMs } from "../../domain/micros.ts";
import { callAt } from "./call-at.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const YEAR_MS = 365 * 86_400_000;

function setUp(inMs: number) {
  const clock = createClock(() => Date.now());
  const call = vi.fn<() => void>();
  const callOff = callAt(addMs(clock.now(), inMs), clock, call);
  return { call, callOff };
}

it.each([1, 60_000, YEAR_MS])("calls once, %i ms later and not before", (inMs) => {
  const { call } = setUp(inMs);
  vi.advanceTimersByTime(inMs - 1);
  expect(call).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(call).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});

it("calls at once for a time that is past", () => {
  expect(setUp(-1).call).toHaveBeenCalledOnce();
});

it("leaves no timer behind when it is called off, be it after years", () => {
  const { call, callOff } = setUp(100 * YEAR_MS);
  vi.advanceTimersByTime(YEAR_MS);
  callOff();
  expect(vi.getTimerCount()).toBe(0);
  expect(call).not.toHaveBeenCalled();
});
