import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getuid } from "node:process";

const CHUNK_BYTES = 4_096;

/** A disk of its own, as small as a test wants it. */
export interface SmallDisk {
  readonly folder: string;
  /** Leaves no room on it, until `empty`. */
  fill(): void;
  empty(): void;
  unmount(): void;
}

/** Only root can make one; null, with one line that says so for `test`, where it cannot be made. */
export function mountSmallDisk(bytes: number, test: string): SmallDisk | null {
  const folder = mkdtempSync(join(tmpdir(), "msgbin-disk-"));
  try {
    if (getuid?.() !== 0) throw new Error("not root");
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "msgbin-test", folder], { stdio: "pipe" });
  } catch (error) {
    rmSync(folder, { recursive: true });
    console.log(
      `${test} did not run, since no small disk could be mounted here (${String(error).split("\n")[0]})`,
    );
    return null;
  }
  const filler = join(folder, "filler");
  return {
    folder,
    fill: () => fillUp(filler, bytes),
    empty: () => rmSync(filler, { force: true }),
    unmount() {
      execFileSync("umount", [folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

function fillUp(file: string, bytes: number): void {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  try {
    for (let written = 0; written < bytes; written += CHUNK_BYTES) writeFileSync(file, chunk, { flag: "a" });
  } catch {
    return; // full, as wanted
  }
  throw new Error("the disk did not get full");
}
