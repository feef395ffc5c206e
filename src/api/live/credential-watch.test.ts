import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createClock } from "../../domain/clock.ts";
import { addMs } from "../../domain/micros.ts";
import { PRINCIPAL_CACHE_MS } from "../auth/principals.ts";
import { CredentialWatch } from "./credential-watch.ts";

const clock = createClock(() => Date.now());
let watch: CredentialWatch;
beforeEach(() => {
  vi.useFakeTimers();
  watch = new CredentialWatch(clock);
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

/** Somebody whose credential is good until it is said otherwise; counts how often that is asked. */
function bearer({ expiresInMs }: { readonly expiresInMs?: number } = {}) {
  const state = { isGood: true, isAway: false, asked: 0 };
  const it = {
    expiresAt: expiresInMs === undefined ? null : addMs(clock.now(), expiresInMs),
    async isStillGood() {
      state.asked += 1;
      return state.isGood;
    },
    sendAway() {
      state.isAway = true;
    },
  };
  watch.add(it);
  return { state, it };
}

it("asks again and again, for the news of a change may be lost", async () => {
  const { state } = bearer();
  await vi.advanceTimersByTimeAsync(PRINCIPAL_CACHE_MS);
  expect(state).toEqual({ isGood: true, isAway: false, asked: 1 });
  state.isGood = false;
  await vi.advanceTimersByTimeAsync(PRINCIPAL_CACHE_MS);
  expect(state.isAway).toBe(true);
});

it("asks at once when something changed, and of a swarm of changes once more, a little later", async () => {
  const { state } = bearer();
  watch.look();
  expect(state.asked).toBe(1);
  for (let change = 0; change < 100; change++) {
    watch.look();
    await vi.advanceTimersByTimeAsync(1);
  }
  expect(state.asked).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(state.asked).toBe(2);
});

it("asks nobody when a credential expires", async () => {
  const [soon, gone] = [bearer({ expiresInMs: 1_000 }), bearer({ expiresInMs: 1_000 })];
  watch.remove(gone.it);
  await vi.advanceTimersByTimeAsync(999);
  expect(soon.state.isAway).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  watch.stop();
  expect(vi.getTimerCount()).toBe(0);
  expect([soon.state, gone.state]).toMatchObject([{ isAway: true, asked: 0 }, { isAway: false }]);
});
