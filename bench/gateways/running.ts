import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";

const POLL_MS = 50;

/** A gateway's process; what it prints is kept for the error that says why it did not come up. */
export interface Running {
  readonly pid: number;
  end(signal: NodeJS.Signals): Promise<void>;
}

export function run(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Running {
  const child: ChildProcess = spawn(command, args, {
    env: { PATH: process.env["PATH"], ...forwarded(), ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} did not start`);
  return {
    pid,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill(signal);
      await exited;
    },
  };
}

/** Resolves when somebody listens. */
export async function untilPortOpen(port: number, withinMs = 20_000): Promise<void> {
  await until(async () => (await isPortOpen(port)) || null, withinMs, `port ${port} to open`);
}

function isPortOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** Asks until the answer is not null. */
export async function until<T>(ask: () => Promise<T | null>, withinMs: number, what: string): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** What a profile of the gateway needs: `MSGBIN_BENCH_NODE_OPTIONS="--cpu-prof --cpu-prof-dir=…"`. */
function forwarded(): Readonly<Record<string, string>> {
  const options = process.env["MSGBIN_BENCH_NODE_OPTIONS"];
  return options === undefined ? {} : { NODE_OPTIONS: options };
}
