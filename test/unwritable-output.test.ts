import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { eventually, freePort } from "./support/service.ts";

const LAUNCHER = new URL("../bin/msgbin.js", import.meta.url).pathname;
const WITHIN_MS = 60_000;

let dataDir: string;
/** Open to read alone: each write to it fails, as on a full disk. */
let unwritable: number;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "msgbin-mute-"));
  unwritable = openSync(LAUNCHER, "r");
});
afterEach(() => {
  closeSync(unwritable);
  rmSync(dataDir, { recursive: true, force: true });
});

function run(word: string, environment: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, [LAUNCHER, word], {
    env: { PATH: process.env["PATH"], MSGBIN_DATA_DIR: dataDir, ...environment },
    stdio: ["ignore", unwritable, "pipe"],
  });
}

it("a service goes on whose greeting and log cannot be written", async () => {
  const port = await freePort();
  const child = run("serve", {
    MSGBIN_PORT: String(port),
    MSGBIN_SIMULATOR: "off",
    MSGBIN_LOG_LEVEL: "debug",
  });
  const exited = once(child, "exit");
  child.stderr?.destroy(); // whoever read the log has left
  try {
    const isReady = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await eventually(isReady, (is) => is || child.exitCode !== null, WITHIN_MS);
    await fetch(`http://127.0.0.1:${port}/v1.0/nothing`); // one more line of log
    expect(await isReady()).toBe(true);
  } finally {
    child.kill("SIGTERM");
  }
  expect(await exited).toEqual([0, null]);
});

it("a command whose answer cannot be written fails, and says why in one line", async () => {
  const child = run("--help");
  const said: Buffer[] = [];
  child.stderr?.on("data", (chunk: Buffer) => said.push(chunk));
  await once(child, "close");
  expect(child.exitCode).toBe(1);
  expect(Buffer.concat(said).toString()).toMatch(
    /^msgbin: standard output cannot be written: EBADF[^\n]*\n$/,
  );
});
