import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { isUuid, type NodeId } from "../domain/ids.ts";

const BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id";

/**
 * Notes in a file which node has a data directory, while its process holds the directory's lock. Whoever gets that lock later
 * knows that the process of this node is dead. A copy of the directory has a lock of its own, and another machine does not
 * see ours: so the note counts only beside the same lock file, under the same run of the same system.
 */
export class NodeRecord {
  readonly #file: string;
  readonly #lockFile: string;

  constructor(file: string, lockFile: string) {
    this.#file = file;
    this.#lockFile = lockFile;
  }

  /** The node that was noted, for one who holds the lock; null when nothing was, or the note proves nothing here. */
  read(): NodeId | null {
    const place = placeOf(this.#lockFile);
    if (place === null) return null;
    const [node = "", ...noted] = readOrNothing(this.#file).trimEnd().split(" ");
    return isUuid(node) && noted.join(" ") === place ? (node as NodeId) : null; // write() wrote it
  }

  write(node: NodeId): void {
    writeFileSync(this.#file, `${node} ${placeOf(this.#lockFile) ?? "?"}\n`);
  }

  /** The node left in good order. */
  remove(): void {
    rmSync(this.#file, { force: true });
  }
}

/** What a lock is good for: one run of one system, and one file in it. Null where the system does not tell its runs apart. */
function placeOf(lockFile: string): string | null {
  const boot = readOrNothing(BOOT_ID_FILE).trim();
  const { dev, ino } = statSync(lockFile, { bigint: true });
  return boot === "" ? null : `${boot} ${dev} ${ino}`;
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
