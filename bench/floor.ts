/**
 * `node bench/floor.ts`: what Node alone costs for a request, saturated and at 500 requests a second: bare node:http, and the same
 * with one durable write before each answer. When writes cannot share, nothing on node:http that answers after its own can cost less.
 * And how soon this machine's caches forget what a thread does not touch, though it keeps its core: on a shared one, in milliseconds.
 */
import { median } from "./figures.ts";
import { startChild } from "./tools/child.ts";
import type { Load, LoadResult } from "./tools/load.ts";
import { usageOf } from "./tools/processes.ts";

const PORT = 27_761;
const SATURATED = 40_000;
const STEADY = 10_000;
const RATE = 500;
const ROUNDS = 3;
/** What is walked through, a cache line at a time. */
const WALK_BYTES = 2 * 1_048_576;
const LINE_BYTES = 64;
const IDLE_MS = [0, 0.5, 2, 10];
const WALKS = 200;

const door = startChild("bare-door.ts");
const loader = startChild("load.ts");

/** Microseconds of processor for a request. */
async function cost(load: Pick<Load, "count" | "rate">): Promise<number> {
  const before = usageOf([door.pid]).cpuSeconds;
  const { accepted } = await loader.ask<LoadResult>("run", {
    port: PORT,
    method: "POST",
    path: "/",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text: "M{seq}", rest: "x".repeat(200) }),
    connections: 64,
    maxSeconds: 60,
    ...load,
  });
  return ((usageOf([door.pid]).cpuSeconds - before) / accepted) * 1_000_000;
}

/** Where each line names the next, all in one ring and in random order, so that nothing foresees what comes. */
function ringOfLines(): Int32Array {
  const step = LINE_BYTES / Int32Array.BYTES_PER_ELEMENT;
  const order = Array.from({ length: WALK_BYTES / LINE_BYTES }, (_, index) => index * step);
  for (let index = order.length - 1; index > 0; index--) {
    const other = Math.floor(Math.random() * (index + 1));
    [order[index], order[other]] = [order[other] ?? 0, order[index] ?? 0];
  }
  const ring = new Int32Array(WALK_BYTES / Int32Array.BYTES_PER_ELEMENT);
  for (const [index, at] of order.entries()) ring[at] = order[(index + 1) % order.length] ?? 0;
  return ring;
}

/** Nanoseconds for a line of a walk through it, which begins when this thread has done nothing but look at the clock for so long. */
function nanosPerLine(ring: Int32Array, idleMs: number): number {
  const lines = WALK_BYTES / LINE_BYTES;
  let walkedMs = 0;
  let at = 0;
  for (let walk = 0; walk < WALKS; walk++) {
    const begin = performance.now() + idleMs;
    while (performance.now() < begin);
    const from = performance.now();
    for (let line = 0; line < lines; line++) at = ring[at] ?? 0;
    walkedMs += performance.now() - from;
  }
  if (at % (LINE_BYTES / Int32Array.BYTES_PER_ELEMENT) !== 0) throw new Error("it left the ring");
  return (walkedMs * 1_000_000) / (WALKS * lines);
}

try {
  await door.ask("listen", PORT);
  for (const durable of [false, true]) {
    await door.ask("durable", durable);
    await cost({ count: SATURATED, rate: null }); // warms it up
    const [saturated, steady]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      saturated.push(await cost({ count: SATURATED, rate: null }));
      steady.push(await cost({ count: STEADY, rate: RATE }));
    }
    const name = durable ? "with a durable write" : "bare node:http";
    console.log(
      `${name}: ${median(saturated).toFixed(0)} µs saturated, ${median(steady).toFixed(0)} at ${RATE}/s`,
    );
  }
  const ring = ringOfLines();
  nanosPerLine(ring, 0); // compiles it
  const forgets = IDLE_MS.map((idleMs) => `${nanosPerLine(ring, idleMs).toFixed(0)} ns after ${idleMs} ms`);
  console.log(`a line of 2 MiB in random order: ${forgets.join(", ")}`);
} finally {
  await Promise.all([door.stop(), loader.stop()]);
}
