/**
 * `node bench/floor.ts`: what Node alone costs for a request, saturated and at 500 requests a second: bare node:http, and the same
 * with one durable write before each answer. When writes cannot share, nothing on node:http that answers after its own can cost less.
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
} finally {
  await Promise.all([door.stop(), loader.stop()]);
}
