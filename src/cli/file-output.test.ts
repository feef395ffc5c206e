import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { mountSmallDisk } from "../../test/support/small-disk.ts";
import { createLogger } from "../observe/log.ts";
import { fileOutput } from "./file-output.ts";
import type { Output } from "./screen.ts";

const DISK_BYTES = 64 * 1_024;
/** Of which no whole number goes into a page of the disk. */
const WORDS = "said again and again ".repeat(10);

it("a log in a file says what it lost on a full disk, half a line included, and stands in lines", () => {
  const disk = mountSmallDisk(DISK_BYTES, "file-output");
  if (disk === null) return;
  const file = join(disk.folder, "log");
  const fd = openSync(file, "a");
  try {
    const failures: Error[] = [];
    const sink = fileOutput(fd, (error) => failures.push(error)) as Output; // it is a file
    const log = createLogger({ level: "info", form: "json", sink });
    log.info({}, "before");
    disk.fill();
    let said = 0;
    for (; failures.length === 0; said++) log.info({}, WORDS);
    disk.empty();
    log.info({}, "after");
    const [, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n"); // `before` is the first
    const [half = "", ...later] = lines.splice(said - 1);
    for (const line of lines) expect(line).toContain(WORDS);
    expect(half).not.toContain(WORDS);
    expect(later.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { msg: "after" },
      { lines: 1, msg: "lines of log could not be written and are lost" },
    ]);
    expect(failures).toMatchObject([{ code: "ENOSPC" }]);
  } finally {
    closeSync(fd);
    disk.unmount();
  }
});

it("what is written goes to the end of a plain file, and elsewhere Node's stream is used", () => {
  const folder = mkdtempSync(join(tmpdir(), "msgbin-output-"));
  const fd = openSync(join(folder, "out"), "a");
  const nowhere = openSync("/dev/null", "w");
  try {
    const output = fileOutput(fd, () => {});
    output?.write("één ");
    output?.write("two\n");
    expect(readFileSync(join(folder, "out"), "utf8")).toBe("één two\n");
    expect(fileOutput(nowhere, () => {})).toBeNull();
  } finally {
    closeSync(fd);
    closeSync(nowhere);
    rmSync(folder, { recursive: true });
  }
});
