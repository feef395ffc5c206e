import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { quietLogger } from "../../../test/support/store-of.ts";
import { createClock } from "../../domain/clock.ts";
import { LiveDesk } from "./live-desk.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("cuts off whoever is left a moment after its goodbye, though some go on talking or reading", () => {
  const desk = new LiveDesk({
    store: { onWake: () => () => {} },
    clock: createClock(() => Date.now()),
    logger: quietLogger,
  });
  let isCutOff = false;
  desk.stop(() => (isCutOff = true));
  desk.wake();
  vi.advanceTimersByTime(2_000);
  expect(isCutOff).toBe(true);
});
