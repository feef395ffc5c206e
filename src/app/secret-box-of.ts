import type { Config } from "../config/config.ts";
import { createSecretBox } from "../config/secret-box.ts";
import { createSecretKey, readSecretKey } from "../config/secret-key-file.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import type { DirectoryStore } from "../store/directory.ts";
import { StartRefused } from "./start-refused.ts";

/** What is sealed in every database, to find out early that the key is another one. */
const CHECK_SETTING = "secret_key_check";
const CHECK_TEXT = "msgbin";

/** The box of a service that starts: its key is the operator's, else the data directory's, which gets one if it has none. */
export function secretBoxOf({ secrets, dataDir }: Config): SecretBox {
  return createSecretBox(secrets.secretKey ?? readSecretKey(dataDir) ?? createSecretKey(dataDir));
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
