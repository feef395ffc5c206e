import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const SECRET_KEY_FILE = "secret.key";
const KEY_BYTES = 32;
const OWNER_ONLY = 0o600;

/** What the data directory has for a key, however little; null when it has none. */
export function readSecretKey(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, SECRET_KEY_FILE), "utf8").trim();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/**
 * Makes the key of a data directory that has none, on stable storage before anything is sealed with it. The file appears whole
 * or not at all: half a key would seal as well as any.
 */
export function createSecretKey(dataDir: string): string {
  const key = randomBytes(KEY_BYTES).toString("hex");
  const path = join(dataDir, SECRET_KEY_FILE);
  if (existsSync(path)) throw new Error(`${path} is there already`);
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { force: true }); // of a process that ended here
  writeFileSync(unfinished, `${key}\n`, { flag: "wx", mode: OWNER_ONLY, flush: true });
  renameSync(unfinished, path);
  syncFolder(dataDir);
  return key;
}

/** As far as the system can: some file systems do not sync folders. */
function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } catch (error) {
    if (!CANNOT_SYNC.has(codeOf(error))) throw error;
  } finally {
    closeSync(folder);
  }
}

const CANNOT_SYNC: ReadonlySet<unknown> = new Set(["EINVAL", "ENOTSUP", "EPERM"]);

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
