import type { Config } from "../config/config.ts";
import { createSecretBox } from "../config/secret-box.ts";
import { createSecretKey, readSecretKey } from "../config/secret-key-file.ts";
import { MIN_KEY_CHARACTERS } from "../config/setting-parsers.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import type { DirectoryStore } from "../store/directory.ts";
import { StartRefused } from "./start-refused.ts";

/** What is sealed in every database, to find out early that the key is another one. */
const CHECK_SETTING = "secret_key_check";
const CHECK_TEXT = "msgbin";

/**
 * The box of a service that starts: its key is the operator's, else the data directory's. One is made where there is none, but
 * not for a database that was sealed with one: beside it the right one would be missed no longer.
 * @throws {StartRefused} for no key, or another than the one that the secrets in the database were sealed with.
 */
export async function settleSecretBox(
  config: Config,
  store: Pick<DirectoryStore, "getSetting" | "settingOnce">,
): Promise<SecretBox> {
  const known = secretKeyOf(config);
  if (known === null && (await store.getSetting(CHECK_SETTING)) !== null)
    throw new StartRefused(
      `the secrets in the database were sealed with a key, and there is no secret.key in ${config.dataDir}: put it back, or set MSGBIN_SECRET_KEY to it`,
    );
  const secretBox = createSecretBox(known ?? createSecretKey(config.dataDir));
  const sealed = await store.settingOnce(CHECK_SETTING, secretBox.seal(CHECK_TEXT));
  if (opens(secretBox, sealed)) return secretBox;
  throw new StartRefused(
    "the secrets in the database were sealed with another key: set MSGBIN_SECRET_KEY to it, or put back secret.key in the data directory",
  );
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
 * @throws {StartRefused} for a file that is too short to be one: what it seals, anybody could open.
 */
export function secretKeyOf({ secrets, dataDir }: Config): string | null {
  const key = secrets.secretKey ?? readSecretKey(dataDir);
  if (key !== null && key.length < MIN_KEY_CHARACTERS)
    throw new StartRefused(
      `secret.key in ${dataDir} is empty or too short to be a key: put back the right one, or, if this service has never run, remove the file`,
    );
  return key;
}

function opens(secretBox: SecretBox, sealed: string): boolean {
  try {
    return secretBox.open(sealed) === CHECK_TEXT;
  } catch {
    return false;
  }
}
