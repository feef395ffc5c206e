import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CommandOutcome, runCommand } from "./support/run-command.ts";

const PROGRAM = new URL("support/run-as-stranger.ts", import.meta.url).pathname;
const AS_OWNER = "run the command as the owner of the data directory";

describe("a user who may not read the data directory", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "msgbin-stranger-"));
  });
  afterEach(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true });
  });

  /** Runs commands as one who may not read the path. */
  async function runWithout(
    path: string,
    ...commands: readonly (readonly string[])[]
  ): Promise<readonly CommandOutcome[]> {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [PROGRAM, path, JSON.stringify(commands)],
      { env: { MSGBIN_DATA_DIR: folder } },
    );
    return JSON.parse(stdout) as CommandOutcome[];
  }

  it("is told so by every command that reads it, and what to do", async () => {
    const backup = ["backup", "/nowhere/copy.db"];
    const outcomes = await runWithout(folder, ["messages"], ["token"], backup, ["migrate"], ["doctor"]);
    const database = { code: 1, err: `msgbin: this user may not read ${folder}/msgbin.db: ${AS_OWNER}\n` };
    expect(outcomes).toMatchObject([
      {
        code: 1,
        err: `msgbin: this user may not read ${folder}/msgbin.url: ${AS_OWNER}, or ask the service with MSGBIN_URL and MSGBIN_TOKEN\n`,
      },
      database,
      database,
      { code: 1, err: expect.stringContaining("no permission to write there") },
      { code: 1 },
    ]);
    const findings = outcomes.at(-1)?.out;
    expect(findings).toMatch(
      /^FAIL {2}data directory: this user may not read and write .*\n {6}→ run this as/m,
    );
    expect(findings).toMatch(/^FAIL {2}service: cannot be asked: this user may not read /m);
  });

  it.each(["secret.key", "msgbin.db"])("or %s in it alone, is told which", async (file) => {
    await runCommand(["migrate"], { MSGBIN_DATA_DIR: folder });
    for (const other of readdirSync(folder)) chmodSync(join(folder, other), 0o666);
    chmodSync(folder, 0o777);
    const path = join(folder, file);
    chmodSync(path, 0o600);
    const [token, doctor] = await runWithout(path, ["token"], ["doctor"]);
    const words = `this user may not read ${path}: ${AS_OWNER}`;
    expect(token).toMatchObject({ code: 1, err: `msgbin: ${words}\n` });
    expect(doctor?.out).toContain(`${words}\n      → see to that first\n`);
    expect(doctor?.out).not.toContain("restore a backup");
  });
});
