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
const WHOLE_KEY = /^[0-9a-f]{64}\n$/;
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

/** Whether a process ended here that had proposed a key and did not keep it. */
export function hasProposedKey(dataDir: string): boolean {
  return readProposedKey(dataDir) !== null;
}

/**
 * The key that a data directory without one could have, on stable storage before anything is sealed with it. It gets its name
 * when it is kept. One that was proposed before is proposed again: a database may have been sealed with it.
 */
export function proposeSecretKey(dataDir: string): string {
  const path = join(dataDir, SECRET_KEY_FILE);
  if (existsSync(path)) throw new Error(`${path} is there already`);
  const begun = readProposedKey(dataDir);
  if (begun !== null) return begun;
  const key = randomBytes(KEY_BYTES).toString("hex");
  dropProposedKey(dataDir); // half of one, of a process that ended here
  writeFileSync(proposalIn(dataDir), `${key}\n`, { flag: "wx", mode: OWNER_ONLY, flush: true });
  syncFolder(dataDir);
  return key;
}

/** Makes the proposed key the data directory's: the file appears whole or not at all. */
export function keepProposedKey(dataDir: string): void {
  renameSync(proposalIn(dataDir), join(dataDir, SECRET_KEY_FILE));
  syncFolder(dataDir);
}

export function dropProposedKey(dataDir: string): void {
  rmSync(proposalIn(dataDir), { force: true });
}

/** Null when there is none, or half of one, which would seal as well as any. */
function readProposedKey(dataDir: string): string | null {
  const path = proposalIn(dataDir);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  return WHOLE_KEY.test(text) ? text.trim() : null;
}

function proposalIn(dataDir: string): string {
  return join(dataDir, `${SECRET_KEY_FILE}.unfinished`);
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
