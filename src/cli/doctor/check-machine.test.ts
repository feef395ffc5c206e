import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  checkClock,
  checkDirectory,
  checkDisk,
  checkFirstRun,
  checkKeyFile,
  checkNode,
} from "./check-machine.ts";

describe("the doctor's look at a machine", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "msgbin-doctor-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("wants Node 24 or newer", () => {
    expect([checkNode("23.11.1").state, checkNode("24.0.0").state]).toEqual(["wrong", "ok"]);
  });

  it("doubts a clock that stands before there was a msgbin", () => {
    expect([checkClock(0).state, checkClock(Date.UTC(2026, 0, 1)).state]).toEqual(["wrong", "ok"]);
  });

  it.each([
    [64 * 1_024 ** 2 - 1, "wrong"],
    [64 * 1_024 ** 2, "warning"],
    [1_024 ** 3 - 1, "warning"],
    [1_024 ** 3, "ok"],
  ])("calls %d bytes of free disk %s", (free, state) => {
    expect(checkDisk(free, 1_024 ** 4).state).toBe(state);
  });

  it("says what to do about a data directory that is missing or open to others", () => {
    expect(checkDirectory(join(folder, "nowhere"))).toMatchObject({ state: "wrong" });
    const open = join(folder, "open");
    mkdirSync(open);
    chmodSync(open, 0o755);
    expect(checkDirectory(open)).toMatchObject({ state: "warning", todo: `chmod 700 ${open}` });
    chmodSync(open, 0o700);
    expect(checkDirectory(open)).toMatchObject({ state: "ok" });
  });

  it("looks for the secret key and for a password that lies around", () => {
    expect(checkKeyFile(folder, false)).toMatchObject({ what: "secret key", state: "wrong" });
    expect(checkKeyFile(folder, true)).toMatchObject({ what: "secret key", state: "ok" });
    expect([...checkFirstRun(folder)]).toEqual([]);
    writeFileSync(join(folder, "secret.key"), "k", { mode: 0o644 });
    writeFileSync(join(folder, "first-run.txt"), "password");
    expect(checkKeyFile(folder, false)).toMatchObject({
      state: "wrong",
      todo: expect.stringContaining("chmod 600"),
    });
    expect([...checkFirstRun(folder)]).toMatchObject([{ what: "first-run.txt", state: "warning" }]);
  });
});
