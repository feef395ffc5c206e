import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { takeDataDirectory } from "./data-directory.ts";
import { StartRefused } from "./start-refused.ts";

describe("a data directory", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "msgbin-data-"));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  it("is made for its owner alone, and tells the process", () => {
    const path = join(home, "deep", "data");
    const directory = takeDataDirectory(path, 4_711);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(readFileSync(directory.file("msgbin.pid"), "utf8")).toBe("4711\n");
    directory.release();
  });

  it("tells the address while a service runs on it, and nothing after that", () => {
    const directory = takeDataDirectory(home, 1);
    directory.announce("http://127.0.0.1:8080");
    expect(readFileSync(join(home, "msgbin.url"), "utf8")).toBe("http://127.0.0.1:8080\n");
    directory.release();
    expect(existsSync(join(home, "msgbin.url"))).toBe(false);
    expect(existsSync(join(home, "msgbin.pid"))).toBe(false);
  });

  it("is refused to a second process, which is told of the first", () => {
    const directory = takeDataDirectory(home, 1_234);
    expect(() => takeDataDirectory(home, 5_678)).toThrow(/in use by another msgbin, process 1234: stop it/);
    expect(readFileSync(join(home, "msgbin.pid"), "utf8")).toBe("1234\n");
    directory.release();
    takeDataDirectory(home, 5_678).release();
  });

  it("is free again when its process was killed", async () => {
    const module = new URL("./data-directory.ts", import.meta.url).href;
    const script = `const { takeDataDirectory } = await import(${JSON.stringify(module)});
      takeDataDirectory(${JSON.stringify(home)}, process.pid); console.log("taken"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    expect(() => takeDataDirectory(home, 1)).toThrow(`process ${child.pid}`);
    child.kill("SIGKILL");
    await once(child, "exit");
    takeDataDirectory(home, 1).release();
  });

  it("is refused in one line when it cannot be written", () => {
    writeFileSync(join(home, "file"), "");
    for (const path of [join(home, "file"), join(home, "file", "below")]) {
      expect(() => takeDataDirectory(path, 1)).toThrow(StartRefused);
      expect(() => takeDataDirectory(path, 1)).toThrow(
        /^the data directory .* cannot be used: a file stands in its way; choose another with MSGBIN_DATA_DIR$/,
      );
    }
  });

  it("is refused, and not tried for ever, where no folder can be made", () => {
    for (const path of ["/proc/msgbin", "/proc/self/msgbin/data"]) {
      expect(() => takeDataDirectory(path, 1)).toThrow(/^the data directory .* cannot be used/);
    }
  });

  it("keeps what only the owner may read, even where an open file was before", () => {
    const directory = takeDataDirectory(home, 1);
    writeFileSync(join(home, "first-run.txt"), "old", { mode: 0o644 });
    const file = directory.writeFirstRun("new");
    expect(readFileSync(file, "utf8")).toBe("new");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    directory.release();
  });
});
