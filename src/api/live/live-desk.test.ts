import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { quietLogger } from "../../../test/support/store-of.ts";
import { createClock } from "../../domain/clock.ts";
import type { CustomerId } from "../../domain/ids.ts";
import { LiveDesk } from "./live-desk.ts";
import type { LiveSocket } from "./live-socket.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("cuts off whoever is left a moment after its goodbye, though some go on talking or reading", () => {
  const desk = new LiveDesk({
    store: { onWake: () => () => {} },
    clock: createClock(() => Date.now()),
    monotonicMs: () => performance.now(),
    logger: quietLogger,
  });
  let isCutOff = false;
  desk.stop(() => (isCutOff = true));
  desk.wake();
  vi.advanceTimersByTime(2_000);
  expect(isCutOff).toBe(true);
});

it("sends all away whom it cannot tell what is new, and logs it once with how many there are", async () => {
  const lines: unknown[] = [];
  const left: number[] = [];
  const desk = new LiveDesk({
    store: { onWake: () => () => {} },
    clock: createClock(() => Date.now()),
    monotonicMs: () => performance.now(),
    logger: { ...quietLogger, warn: (...line) => lines.push(line) },
  });
  const expiresAt = null;
  for (let index = 0; index < 5; index++) {
    const socket = {
      customerId: "customer" as CustomerId,
      isDue: () => true,
      pump: () => Promise.reject(new Error("the store is away")),
      leave: (code: number) => {
        left.push(code);
        desk.remove(socket);
      },
    } as unknown as LiveSocket; // what the desk uses of one
    desk.add({ socket, expiresAt, isStillGood: () => Promise.resolve(true) });
  }
  await vi.advanceTimersByTimeAsync(1_000);
  expect(left).toEqual([1001, 1001, 1001, 1001, 1001]);
  const words = "a WebSocket could not be told what is new";
  expect(lines).toEqual([[{ count: 1, error: "Error: the store is away" }, words]]);
  desk.stop(() => {});
  await desk.end();
});
