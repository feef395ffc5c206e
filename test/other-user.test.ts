import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommandOutcome } from "./support/run-command.ts";

const PROGRAM = new URL("support/run-as-stranger.ts", import.meta.url).pathname;
const COMMANDS = [["messages"], ["token"], ["backup", "/nowhere/copy.db"], ["migrate"], ["doctor"]] as const;

describe("a user who may not read the data directory", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "msgbin-stranger-"));
  });
  afterEach(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true });
  });

  it("is told so by every command that reads it, and what to do", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, JSON.stringify(COMMANDS)], {
      env: { MSGBIN_DATA_DIR: folder },
    });
    const [messages, token, backup, migrate, doctor] = JSON.parse(stdout) as readonly CommandOutcome[];
    const asOwner = `run the command as the owner of the data directory`;
    expect(messages).toMatchObject({
      code: 1,
      err: `msgbin: this user may not read ${folder}/msgbin.url: ${asOwner}, or ask the service with MSGBIN_URL and MSGBIN_TOKEN\n`,
    });
    const database = { code: 1, err: `msgbin: this user may not read ${folder}/msgbin.db: ${asOwner}\n` };
    expect([token, backup]).toMatchObject([database, database]);
    expect(migrate).toMatchObject({ code: 1, err: expect.stringContaining("no permission to write there") });
    expect(doctor?.code).toBe(1);
    expect(doctor?.out).toMatch(
      /^FAIL {2}data directory: this user may not read and write .*\n {6}→ run this as/m,
    );
    expect(doctor?.out).toMatch(/^FAIL {2}service: cannot be asked: this user may not read /m);
  });
});
