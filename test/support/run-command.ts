import { runCommandLine } from "../../src/cli/command-line.ts";

/** How a command ended, and what it wrote. */
export interface CommandOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs commands in this process as somebody would type them, without a terminal. */
export async function runCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<CommandOutcome> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine({
    arguments: words,
    environment,
    workingDirectory: "/",
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    signal: new AbortController().signal,
  });
  return { code, out: out.join(""), err: err.join("") };
}
