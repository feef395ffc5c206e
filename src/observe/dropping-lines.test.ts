import { expect, it } from "vitest";
import { createDroppingLines } from "./dropping-lines.ts";
import { createLogger } from "./log.ts";

/** A file on a disk that may be full; tells at once what became of a line. */
function createDisk() {
  const disk = {
    isFull: false,
    text: "",
    write(line: string, done?: (error?: Error | null) => void): void {
      if (!disk.isFull) disk.text += line;
      done?.(disk.isFull ? new Error("ENOSPC: no space left on device, write") : null);
    },
  };
  return disk;
}

it("a log goes on when there is room again, and says once how many lines were lost", () => {
  const disk = createDisk();
  const log = createLogger({ level: "info", form: "json", sink: disk });
  log.info({}, "before");
  disk.isFull = true;
  log.info({}, "lost");
  log.info({}, "lost too");
  disk.text += '{"level":"in'; // as much of a line as there was room for
  disk.isFull = false;
  log.info({}, "after");
  log.info({}, "long after");
  const lines = disk.text.trimEnd().split("\n");
  expect(lines.splice(1, 1)).toEqual(['{"level":"in']);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: "info", msg: "before" },
    { level: "info", msg: "after" },
    { level: "error", lines: 2, msg: "lines of log could not be written and are lost" },
    { level: "info", msg: "long after" },
  ]);
});

it("a number of lost lines that is lost itself is told later, with all since", () => {
  const disk = createDisk();
  const told: number[] = [];
  const lines = createDroppingLines(disk, (dropped) => {
    told.push(dropped);
    disk.isFull = told.length === 1;
    lines.write(`lost: ${dropped}\n`);
  });
  disk.isFull = true;
  lines.write("a\n");
  disk.isFull = false;
  lines.write("b\n");
  disk.isFull = false;
  lines.write("c\n");
  expect(told).toEqual([1, 2]);
  expect(disk.text).toBe("\nb\n\nc\nlost: 2\n");
});

it("an output that tells nothing gets every line as it is", () => {
  const written: string[] = [];
  const lines = createDroppingLines({ write: (line) => written.push(line) }, () => written.push("told"));
  lines.write("a\n");
  lines.write("b\n");
  expect(written).toEqual(["a\n", "b\n"]);
});
