import { constants } from "node:os";
import { EXIT_CODES } from "./cli/command-failure.ts";
import { isService, runCommandLine } from "./cli/command-line.ts";
import { fileOutput } from "./cli/file-output.ts";

/** A terminal and a parent such as npm both pass one Ctrl-C on: what follows this closely is the same wish. */
const SAME_WISH_MS = 500;
/** When everything is stopped nothing should keep the process; if something does, it is not worth waiting for. */
const LINGER_MS = 2_000;

const words = process.argv.slice(2);
const abort = new AbortController();
let stopAskedAt: number | null = null;
let stoppedBy: NodeJS.Signals | null = null;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    const now = performance.now();
    if (stopAskedAt !== null && now - stopAskedAt > SAME_WISH_MS)
      process.exit(128 + constants.signals[signal]);
    stopAskedAt ??= now;
    stoppedBy ??= signal;
    abort.abort();
  });
}

function failStdout(error: NodeJS.ErrnoException): void {
  // Whoever read what we print may have had enough, as `head` has: that is no failure.
  if (error.code === "EPIPE" || isService(words)) return;
  process.stderr.write(`msgbin: standard output cannot be written: ${error.message}\n`);
  process.exit(EXIT_CODES.failed.code);
}

/** Nobody can be told; the log counts what it lost (observe/dropping-lines.ts). */
function ignore(): void {}

process.stdout.on("error", failStdout);
process.stderr.on("error", ignore);

const exitCode = await runCommandLine({
  arguments: words,
  environment: process.env,
  workingDirectory: process.cwd(),
  stdout: fileOutput(process.stdout.fd, failStdout) ?? process.stdout,
  stderr: fileOutput(process.stderr.fd, ignore) ?? process.stderr,
  signal: abort.signal,
});
process.exitCode = exitCode === 0 || stoppedBy === null ? exitCode : 128 + constants.signals[stoppedBy];
setTimeout(() => process.exit(), LINGER_MS).unref();
