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

/** The box of a service that starts: its key is the operator's, else the data directory's, which gets one if it has none. */
export function secretBoxOf(config: Config): SecretBox {
  return createSecretBox(secretKeyOf(config) ?? createSecretKey(config.dataDir));
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

/** Refuses a key that is not the one that the secrets in the database were sealed with. */
export async function checkSecretKey(
  secretBox: SecretBox,
  store: Pick<DirectoryStore, "settingOnce">,
): Promise<void> {
  const sealed = await store.settingOnce(CHECK_SETTING, secretBox.seal(CHECK_TEXT));
  try {
    secretBox.open(sealed);
  } catch (cause) {
    throw new StartRefused(
      "the secrets in the database were sealed with another key: set MSGBIN_SECRET_KEY to it, or put back secret.key in the data directory",
      { cause },
    );
  }
}
