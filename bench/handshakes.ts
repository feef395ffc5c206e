/**
 * `node bench/handshakes.ts [--calls 500]`: what calls to HTTPS servers, each over a connection of its own, cost the thread that
 * takes in messages: with the client in it, and with the client in a thread of its own, in turn.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { ThreadedClient } from "../src/app/outbound-thread/threaded-client.ts";
import { createGuardedClient, type GuardedClient } from "../src/outbound-http/guarded-client.ts";
import { quietLogger } from "../test/support/store-of.ts";

const ROUNDS = 3;
const AT_A_TIME = 16;
const WARM_UP = 50;
const RESOLUTION_MS = 1;
const NANOSECONDS_PER_MS = 1e6;
const SERVER_ARGUMENT = "server";

type Client = Pick<GuardedClient, "request" | "close">;

const cert = readFileSync(new URL("../src/outbound-http/fixtures/cert.pem", import.meta.url), "utf8");

if (process.argv[2] === SERVER_ARGUMENT) serve();
else await compare();

function serve(): void {
  const key = readFileSync(new URL("../src/outbound-http/fixtures/key.pem", import.meta.url), "utf8");
  const server = createServer({ cert, key }, (request, response) =>
    request.resume().once("end", () => response.end()),
  );
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port)); // it listens on a port
  process.once("disconnect", () => process.exit());
}

async function compare(): Promise<void> {
  const { values } = parseArgs({ options: { calls: { type: "string", default: "500" } } });
  const calls = Number(values.calls);
  if (!Number.isInteger(calls) || calls < 1)
    throw new Error(`--calls is not a number from 1: ${values.calls}`);
  const child = fork(import.meta.filename, [SERVER_ARGUMENT]);
  const [port] = (await once(child, "message")) as [number];
  const options = { allowPrivate: true, ca: cert, maxIdleLanes: 0 };
  console.log(`${calls} calls in each, ${AT_A_TIME} at a time`);
  for (let round = 1; round <= ROUNDS; round++) {
    await measure("the same thread", createGuardedClient(options), port, calls);
    await measure("a thread of its own", new ThreadedClient(options, quietLogger), port, calls);
  }
  child.disconnect();
}

async function measure(name: string, client: Client, port: number, calls: number): Promise<void> {
  await callMany(client, port, WARM_UP, "warm-up");
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const before = process.threadCpuUsage();
  await callMany(client, port, calls, "counted");
  const { user, system } = process.threadCpuUsage(before);
  delay.disable();
  await client.close();
  const p99 = (delay.percentile(99) / NANOSECONDS_PER_MS - RESOLUTION_MS).toFixed(1);
  console.log(`${name}: ${((user + system) / calls).toFixed(0)} µs of it for each, held up ${p99} ms (p99)`);
}

/** Calls of different lanes share no connection. */
async function callMany(client: Client, port: number, calls: number, lane: string): Promise<void> {
  const url = { origin: `https://localhost:${port}`, hostname: "localhost", path: "/" };
  let begun = 0;
  async function callInTurn(): Promise<void> {
    while (begun < calls) {
      const outcome = await client.request({ url, method: "POST", body: "{}", lane: `${lane} ${begun++}` });
      if (outcome.kind === "failed") throw new Error(outcome.message);
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, callInTurn));
}
