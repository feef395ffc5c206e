/**
 * `node bench/retention.ts [--messages 50000]`: what taking old messages away costs, on both engines, and what whoever sends
 * meanwhile notices of it: the time of single acceptances, one after the other, alone and beside a sweep.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createSystemClock } from "../src/app/system-clock.ts";
import type { NodeId } from "../src/domain/ids.ts";
import type { Micros } from "../src/domain/micros.ts";
import type { RetentionDefault } from "../src/domain/retention.ts";
import { RetentionSweep } from "../src/retention/retention-sweep.ts";
import { DAY_MS, World } from "../src/store/contract/world.ts";
import { migrate } from "../src/store/postgres/migrate.ts";
import { openPostgresStore } from "../src/store/postgres/postgres-store.ts";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../src/store/store.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { quietLogger, quietMetrics } from "../test/support/store-of.ts";

const { values } = parseArgs({ options: { messages: { type: "string", default: "50000" } } });
const messages = Number(values.messages);
const BATCH = 1_000;
const ALONE = 3_000;
/** One and the same, for a node keeps others from sweeping. */
const NODE = "01900000-0000-7000-8000-000000000001" as NodeId;

interface Bench {
  readonly name: string;
  readonly store: Store;
  readonly world: World;
}

const clock = createSystemClock();
const quiet = { clock, logger: quietLogger, metrics: quietMetrics };
const directory = mkdtempSync(join(tmpdir(), "msgbin-bench-"));
try {
  const embedded = await openSqliteStore({ file: join(directory, "msgbin.db"), ...quiet });
  await measure({ name: "embedded", store: embedded, world: worldOf(embedded) });
  await embedded.close();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
const server = await startPostgres(["fsync=on", "full_page_writes=on", "autovacuum=on"]);
try {
  await onPostgres(Date.now(), measure);
  await onPostgres(Date.now() - 62 * DAY_MS, measureMonth);
} finally {
  await server.stop();
}

/** On a database whose archive has a partition for the month of a time. */
async function onPostgres(atMs: number, run: (bench: Bench, at: Micros) => Promise<void>): Promise<void> {
  const url = await server.createDatabase();
  await migrate(url, atMs);
  const store = await openPostgresStore({ url, directUrl: url, ...quiet });
  await run({ name: "PostgreSQL", store, world: worldOf(store) }, (atMs * 1_000) as Micros);
  await store.close();
}

function worldOf(store: Store): World {
  return new World({ store, reopen: async () => {}, dispose: async () => {} });
}

async function fill({ store, world }: Bench, at: Micros): Promise<void> {
  for (let done = 0; done < messages; done += BATCH) {
    const entries = Array.from({ length: BATCH }, () => world.acceptance({ at, status: "failed" }));
    await store.acceptMessages(entries.map((entry) => ({ ...entry, queue: [] })));
  }
}

async function measure(bench: Bench): Promise<void> {
  const { name, world } = bench;
  await putCustomer(bench);
  await fill(bench, world.in(-40 * DAY_MS));
  print(name, "accepted alone", await acceptances(bench, ALONE));
  const content: RetentionDefault = { days: null, contentDays: 30, wholeMonths: false };
  print(name, "contents emptied by steps without pause", await sweepAll(bench, content));
  const whole: RetentionDefault = { days: 30, contentDays: null, wholeMonths: false };
  print(name, "messages removed by steps without pause", await sweepAll(bench, whole));
  await fill(bench, world.in(-40 * DAY_MS));
  print(name, "accepted beside a sweep at its own pace", await beside(bench, whole));
}

async function measureMonth(bench: Bench, at: Micros): Promise<void> {
  await putCustomer(bench);
  await fill(bench, at);
  const months: RetentionDefault = { days: 1, contentDays: null, wholeMonths: true };
  print(bench.name, "accepted beside the dropping of a month", await beside(bench, months));
}

async function putCustomer({ store, world }: Bench): Promise<void> {
  const profile = { name: "", detail: "", email: "", phoneNumber: "", address: "", permissionIds: [] };
  const times = { tmCredentials: world.now(), tmCreate: world.now(), tmUpdate: null, tmDelete: null };
  const kept = { retentionDays: null, retentionContentDays: null };
  const words = { username: "bench", passwordHash: "" };
  await store.putCustomer({ id: world.customerId, ...words, ...profile, ...times, ...kept });
}

type Figures = Readonly<Record<string, number>>;

/** Accepts one message after the other, and says how long that took each. */
async function acceptances(bench: Bench, count: number, isOver = () => false): Promise<Figures> {
  const tookMs: number[] = [];
  while (tookMs.length < count && !(tookMs.length > 100 && isOver())) {
    const entry = bench.world.acceptance({ status: "failed" });
    const begun = performance.now();
    await bench.store.acceptMessages([{ ...entry, queue: [] }]);
    tookMs.push(performance.now() - begun);
  }
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { "p50 ms": at(0.5), "p99 ms": at(0.99), "max ms": at(1) };
}

async function sweepAll({ store, world }: Bench, fallback: RetentionDefault): Promise<Figures> {
  const now = world.now();
  const begun = performance.now();
  let [done, longest] = [0, 0];
  let from: string | null = null;
  do {
    const stepBegun = performance.now();
    const step = await store.sweepRetention({ node: NODE, now, leaseUntil: now, fallback, from, limit: 200 });
    if (step.kind !== "swept") throw new Error("nobody else sweeps");
    longest = Math.max(longest, performance.now() - stepBegun);
    done += step.removed + step.emptied;
    from = step.next;
  } while (from !== null);
  return {
    messages: done,
    "messages/s": done / ((performance.now() - begun) / 1_000),
    "longest step ms": longest,
  };
}

/** A sweep as the service runs it, while messages are accepted until it is over. */
async function beside(bench: Bench, fallback: RetentionDefault): Promise<Figures> {
  let [removed, months, isOver] = [0, 0, false];
  const begun = performance.now();
  let seconds = 0;
  const sweep = new RetentionSweep({
    store: bench.store,
    fallback,
    node: NODE,
    clock,
    monotonicMs: () => performance.now(),
    logger: quietLogger,
    metrics: {
      ...quietMetrics,
      count(_, labels, by = 1) {
        if (labels?.["what"] === "month") months += by;
        else removed += by;
      },
      gauge() {
        isOver = true;
        seconds = (performance.now() - begun) / 1_000;
      },
    },
    rhythm: { firstAfterMs: 0, everyMs: 3_600_000, pauseAtLeastMs: 20 },
  });
  sweep.start();
  const figures = await acceptances(bench, Number.POSITIVE_INFINITY, () => isOver);
  await sweep.stop();
  return { ...figures, removed, months, seconds };
}

function print(engine: string, what: string, figures: Figures): void {
  const shown = Object.entries(figures).map(([name, value]) => `${name} ${short(value)}`);
  console.log(`${engine.padEnd(11)}${what.padEnd(42)}${shown.join(", ")}`);
}

function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
