import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fileOutput } from "../../src/cli/file-output.ts";
import type { Output } from "../../src/cli/screen.ts";
import { createLogger } from "../../src/observe/log.ts";
import { mountSmallDisk } from "../support/small-disk.ts";

const DISK_BYTES = 64 * 1_024;
/** Of which no whole number goes into a page of the disk. */
const WORDS = "said again and again ".repeat(10);

it("a log in a file says what it lost on a full disk, half a line included, and stands in lines", () => {
  const disk = mountSmallDisk(DISK_BYTES, "full-log");
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
