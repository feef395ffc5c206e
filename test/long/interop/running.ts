import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

const PATIENCE_MS = 10_000;

/** A program of somebody else under test. */
export interface Running {
  /** Everything it wrote to both its outputs so far. */
  output(): string;
  /** Resolves with its exit code, null after a signal. */
  readonly exited: Promise<number | null>;
  /** Asks it to end, then makes it; it is gone when this resolves. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a program; rejects when it cannot be started. */
export async function run(command: string, words: readonly string[]): Promise<Running> {
  const child: ChildProcess = spawn(command, words, { stdio: ["ignore", "pipe", "pipe"] });
  const output: string[] = [];
  child.stdout?.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  await once(child, "spawn");
  return {
    output: () => output.join(""),
    exited,
    async stop(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const impatient = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
      await exited;
      clearTimeout(impatient);
    },
  };
}
