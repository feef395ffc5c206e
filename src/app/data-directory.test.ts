import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { NodeId } from "../domain/ids.ts";
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
    const child = await takeInChild(home);
    expect(() => takeDataDirectory(home, 1)).toThrow(`process ${child.pid}`);
    child.kill("SIGKILL");
    await once(child, "exit");
    takeDataDirectory(home, 1).release();
  });

  describe("tells of a node whose process is dead without doubt", () => {
    const node = "01900000-0000-7000-8000-000000000001" as NodeId;

    it("once that was killed", async () => {
      const child = await takeInChild(home, `.noteNode("${node}")`);
      child.kill("SIGKILL");
      await once(child, "exit");
      const directory = takeDataDirectory(home, 1);
      expect(directory.deadNode).toBe(process.platform === "linux" ? node : null);
      directory.release();
    });

    it("not when it left in good order", () => {
      const before = takeDataDirectory(home, 1);
      before.noteNode(node);
      before.release();
      const after = takeDataDirectory(home, 2);
      expect(after.deadNode).toBeNull();
      after.release();
    });

    it("not in a copy of the directory, made while it lives", () => {
      const path = join(home, "data");
      const original = takeDataDirectory(path, 1);
      original.noteNode(node);
      cpSync(path, join(home, "copy"), { recursive: true });
      const copy = takeDataDirectory(join(home, "copy"), 2);
      expect(copy.deadNode).toBeNull();
      copy.release();
      original.release();
    });

    it("not after the machine was started anew, nor where the note is not whole", () => {
      const before = takeDataDirectory(home, 1);
      before.noteNode(node);
      const note = readFileSync(before.file("msgbin.node"), "utf8");
      before.release();
      const [, boot = ""] = note.split(" ");
      for (const other of [
        note.replace(boot, boot.replaceAll(/[0-9a-f]/g, "0")),
        note.slice(0, 60),
        node,
        "",
      ]) {
        writeFileSync(join(home, "msgbin.node"), other);
        const after = takeDataDirectory(home, 2);
        expect(after.deadNode).toBeNull();
        after.release();
      }
    });
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

/** A process of its own that takes the directory, and does something with it. */
async function takeInChild(home: string, doing = ""): Promise<ChildProcess> {
  const module = new URL("./data-directory.ts", import.meta.url).href;
  const script = `const { takeDataDirectory } = await import(${JSON.stringify(module)});
    takeDataDirectory(${JSON.stringify(home)}, process.pid)${doing}; console.log("taken"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}
