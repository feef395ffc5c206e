import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { createSecretBox } from "../config/secret-box.ts";
import {
  dropProposedKey,
  hasProposedKey,
  keepProposedKey,
  proposeSecretKey,
  readSecretKey,
} from "../config/secret-key-file.ts";
import { MIN_KEY_CHARACTERS } from "../config/setting-parsers.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import type { DirectoryStore } from "../store/directory.ts";
import { refuseForbidden } from "./forbidden.ts";
import { StartRefused } from "./start-refused.ts";

/** What is sealed in every database, to find out early that the key is another one. */
const CHECK_SETTING = "secret_key_check";
const CHECK_TEXT = "msgbin";

type Settings = Pick<DirectoryStore, "getSetting" | "settingOnce">;

/**
 * The box of a service that starts: its key is the operator's, else the data directory's. One is made where there is none, but
 * not for a database that was sealed with one: beside it the right one would be missed no longer.
 * @throws {StartRefused} for no key, or another than the one that the secrets in the database were sealed with.
 */
export async function settleSecretBox(config: Config, store: Settings): Promise<SecretBox> {
  const known = secretKeyOf(config);
  if (known === null) return settleNewKey(config, store);
  const secretBox = createSecretBox(known);
  if (await isFirstOrSame(secretBox, store)) return secretBox;
  throw new StartRefused(
    "the secrets in the database were sealed with another key: set MSGBIN_SECRET_KEY to it, or put back secret.key in the data directory",
  );
}

/**
 * Makes a key, which is the data directory's only once the database was sealed with it: of two nodes that start at once on a
 * new database, one comes too late, and no wrong key is left with it.
 */
async function settleNewKey({ dataDir }: Config, store: Settings): Promise<SecretBox> {
  const wasSealed = (await store.getSetting(CHECK_SETTING)) !== null;
  if (wasSealed && !hasProposedKey(dataDir)) throw noKey(dataDir);
  const secretBox = createSecretBox(proposeSecretKey(dataDir));
  if (await isFirstOrSame(secretBox, store)) {
    keepProposedKey(dataDir);
    return secretBox;
  }
  dropProposedKey(dataDir);
  if (wasSealed) throw noKey(dataDir);
  throw new StartRefused(
    `another node that started at the same moment sealed the secrets in the database: copy its secret.key to ${dataDir}, or set MSGBIN_SECRET_KEY to the same on every node`,
  );
}

function noKey(dataDir: string): StartRefused {
  return new StartRefused(
    `the secrets in the database were sealed with a key, and there is no secret.key in ${dataDir}: put it there (a further node takes a copy of the first one's), or set MSGBIN_SECRET_KEY to it`,
  );
}

/** Whether the database is sealed with the key now. */
async function isFirstOrSame(secretBox: SecretBox, store: Settings): Promise<boolean> {
  return opens(secretBox, await store.settingOnce(CHECK_SETTING, secretBox.seal(CHECK_TEXT)));
}

/** Whether the key is the one that the secrets in a database were sealed with; null when there is no key or nothing was sealed yet. */
export async function isKeyOf(
  store: Pick<DirectoryStore, "getSetting">,
  config: Config,
): Promise<boolean | null> {
  const [key, sealed] = [secretKeyOf(config), await store.getSetting(CHECK_SETTING)];
  return key === null || sealed === null ? null : opens(createSecretBox(key), sealed);
}

/**
 * The operator's key, else the data directory's; null when there is neither.
 * @throws {StartRefused} for a file that this user may not read, and for one that is too short: what it seals, anybody could open.
 */
export function secretKeyOf({ secrets, dataDir }: Config): string | null {
  const key = secrets.secretKey ?? readKeyFile(dataDir);
  if (key !== null && key.length < MIN_KEY_CHARACTERS)
    throw new StartRefused(
      `secret.key in ${dataDir} is empty or too short to be a key: put back the right one, or, if this service has never run, remove the file`,
    );
  return key;
}

function readKeyFile(dataDir: string): string | null {
  try {
    return readSecretKey(dataDir);
  } catch (error) {
    refuseForbidden(error, join(dataDir, "secret.key"));
    throw error;
  }
}

function opens(secretBox: SecretBox, sealed: string): boolean {
  try {
    return secretBox.open(sealed) === CHECK_TEXT;
  } catch {
    return false;
  }
}
