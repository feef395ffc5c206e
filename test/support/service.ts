import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const LAUNCHER = new URL("../../bin/msgbin.js", import.meta.url).pathname;
const ADMIN_PASSWORD = "correct horse battery";
const READY_TIMEOUT_MS = 120_000;
const POLL_MS = 25;
const OUTPUT_SHOWN = 4_000;

/** Settings of a service under test, by the names of its variables. */
export type Environment = Readonly<Record<string, string>>;

/** One `msgbin serve` process on a data directory of its own; killing and starting it again keeps directory and port. */
export interface Service {
  readonly url: string;
  readonly dataDir: string;
  readonly simulatorPort: number;
  /** Everything the processes wrote to both their outputs so far. */
  output(): string;
  start(): Promise<void>;
  /** SIGKILL, and the process is gone when it resolves. Throws when it had ended by itself, with what it said. */
  kill(): Promise<void>;
  /** For SIGSTOP and SIGCONT; does not wait. */
  signal(name: NodeJS.Signals): void;
  /** SIGTERM; answers the exit code. Throws when it had ended by itself, with what it said. */
  terminate(): Promise<number | null>;
  /** Ends the process and removes the directory. */
  dispose(): Promise<void>;
}

/** Prepares a service; nothing runs before `start`. */
export async function prepareService(environment: Environment = {}): Promise<Service> {
  const dataDir = await mkdtemp(join(tmpdir(), "msgbin-test-"));
  const port = await freePort();
  const simulatorPort = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const output: string[] = [];
  let child: ChildProcess | null = null;

  async function stop(signal: NodeJS.Signals): Promise<number | null> {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null)
      return running?.exitCode ?? null;
    const exited = once(running, "exit");
    running.kill(signal);
    await exited;
    return running.exitCode;
  }

  function expectAlive(): void {
    if (child !== null && (child.exitCode !== null || child.signalCode !== null))
      throw new Error(
        `serve had ended with ${child.exitCode ?? child.signalCode}:\n${output.join("").slice(-OUTPUT_SHOWN)}`,
      );
  }

  return {
    url,
    dataDir,
    simulatorPort,
    output: () => output.join(""),
    async start() {
      child = spawn(process.execPath, [LAUNCHER, "serve"], {
        env: {
          PATH: process.env["PATH"],
          MSGBIN_DATA_DIR: dataDir,
          MSGBIN_PORT: String(port),
          MSGBIN_SIMULATOR_PORT: String(simulatorPort),
          MSGBIN_ADMIN_PASSWORD: ADMIN_PASSWORD,
          MSGBIN_ALLOW_PRIVATE_WEBHOOKS: "on",
          MSGBIN_RATE_LIMIT: "off",
          MSGBIN_LOG_LEVEL: "warn",
          ...environment,
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const started = child;
      started.once("exit", (code, signal) => {
        // Nobody asked for it: who talks to it next will only see that nobody answers.
        if (child === started)
          console.error(
            `serve ended by itself with ${code ?? signal}:\n${output.join("").slice(-OUTPUT_SHOWN)}`,
          );
      });
      child.stdout?.on("data", (chunk: Buffer) => output.push(chunk.toString()));
      child.stderr?.on("data", (chunk: Buffer) => output.push(chunk.toString()));
      await untilReady(child, url, () => output.join(""));
    },
    async kill() {
      expectAlive();
      await stop("SIGKILL");
    },
    signal(name) {
      child?.kill(name);
    },
    async terminate() {
      expectAlive();
      return stop("SIGTERM");
    },
    async dispose() {
      await stop("SIGKILL");
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function untilReady(child: ChildProcess, url: string, output: () => string): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}:\n${output()}`);
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok === true) return;
    await pause(POLL_MS);
  }
  throw new Error(`serve was not ready within ${READY_TIMEOUT_MS} ms:\n${output()}`);
}

/** Logs the admin in. */
export async function loginAsAdmin(url: string): Promise<string> {
  const answer = await fetch(`${url}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "admin", password: ADMIN_PASSWORD }),
  });
  const { token } = (await answer.json()) as { token: string };
  return token;
}

/** Asks until the answer satisfies; the last answer is in the error when it never does. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  satisfies: (answer: T) => boolean,
  timeoutMs: number,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`not within ${timeoutMs} ms; last: ${JSON.stringify(answer)?.slice(0, 2_000)}`);
    await pause(POLL_MS);
  }
}

/** Below the ports that the system gives to whoever asks for any: none of those can take it before it is used. */
const PORTS = { from: 10_000, count: 20_000 };

/** A port of the loopback interface that was free a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * PORTS.count);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
