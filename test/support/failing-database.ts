import { expect } from "vitest";
import { eventually } from "./service.ts";
import type { Told, UnderLoad } from "./under-load.ts";

/** What must have been seen before the database is mended. */
const REFUSALS = 5;
const SEEN_WITHIN_MS = 120_000;
/**
 * A request waits ten seconds for others; one that is being committed 16.5 s for its answer and 16 s for what became of it, with
 * a last look of 5 s. The rest is for slow machines.
 */
const ANSWERED_WITHIN_MS = 50_000;

/**
 * While nothing can be written: `/readyz` tells, requests are refused in bounded time with when to come again, what carriers
 * bring stays with them, and nothing more is sent. Returns as soon as enough was seen. Where other tables can be written, a
 * receipt may be taken that came before its target was written as sent: it is parked, in a table of its own.
 */
export async function expectNothingToBeTaken(load: UnderLoad): Promise<void> {
  await expectRefusals(load, 1);
  const parked = await parkedReceipts(load);
  const before = load.smsc.counters();
  const [quietSinceMs, refused] = [performance.now(), before.deliveriesRefused];
  await refusals(load, quietSinceMs, REFUSALS);
  // Refused, or not even asked: without leases there are no binds.
  await eventually(
    () => load.smsc.clients().length === 0 || load.smsc.counters().deliveriesRefused - refused >= REFUSALS,
    (isRefused) => isRefused,
    SEEN_WITHIN_MS,
  );
  const { deliveriesTaken, submits } = load.smsc.counters();
  expect(submits).toBe(before.submits);
  const taken = deliveriesTaken - before.deliveriesTaken;
  if (taken > 0) expect(taken).toBeLessThanOrEqual((await parkedReceipts(load)) - parked);
  await load.readiness(503);
}

/** How many receipts all nodes have parked. */
async function parkedReceipts({ nodes }: UnderLoad): Promise<number> {
  const texts = await Promise.all(nodes.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
  const lines = texts.flatMap(
    (text) => text.match(/^msgbin_receipts_total\{.*outcome="parked".*\} \d+$/gm) ?? [],
  );
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** `/readyz` tells, and requests are refused in bounded time with when to come again; returns when so many were. */
export async function expectRefusals(load: UnderLoad, count = REFUSALS): Promise<void> {
  const sinceMs = performance.now();
  await load.readiness(503);
  for (const { retryAfter, tookMs } of await refusals(load, sinceMs, count)) {
    expect(Number(retryAfter)).toBeGreaterThan(0);
    expect(tookMs).toBeLessThan(ANSWERED_WITHIN_MS);
  }
}

/** Requests asked from a time on that were refused, as soon as there are so many. */
async function refusals(load: UnderLoad, sinceMs: number, count: number): Promise<readonly Told[]> {
  return eventually(
    () => load.told.filter(({ status, askedAtMs }) => status === 503 && askedAtMs >= sinceMs),
    ({ length }) => length >= count,
    SEEN_WITHIN_MS,
  );
}

/** All goes on by itself, and nothing is missing or there twice in the end. */
export async function expectToGoOn(load: UnderLoad): Promise<void> {
  await load.readiness(200);
  await load.moreOrders(2 * REFUSALS);
  await load.moreTaken(2 * REFUSALS);
  await load.balance();
  const slowest = Math.max(...load.told.map(({ tookMs }) => tookMs));
  expect(slowest).toBeLessThan(ANSWERED_WITHIN_MS);
  console.log(
    `refused ${load.told.filter(({ status }) => status === 503).length} times, slowest answer ${Math.round(slowest)} ms`,
  );
}
