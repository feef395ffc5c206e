import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fileOutput } from "./file-output.ts";

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
