import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

const SECRET_KEY_FILE = "secret.key";
const KEY_BYTES = 32;
const OWNER_ONLY = 0o600;

/** The key of the data directory; null when it has none. */
export function readSecretKey(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, SECRET_KEY_FILE), "utf8").trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Makes the key of a data directory that has none, on stable storage before anything is sealed with it. */
export function createSecretKey(dataDir: string): string {
  const key = randomBytes(KEY_BYTES).toString("hex");
  const file = openSync(join(dataDir, SECRET_KEY_FILE), "wx", OWNER_ONLY);
  try {
    writeSync(file, `${key}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return key;
}
