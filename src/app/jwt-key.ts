import type { FillRandom } from "../domain/ids.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import type { DirectoryStore } from "../store/directory.ts";

const SETTING = "jwt_key";
const KEY_BYTES = 32;

/** The key that signs tokens: the operator's, else one that is made once, the same for all processes on a database. */
export async function settleJwtKey(
  wanted: string | null,
  store: Pick<DirectoryStore, "settingOnce">,
  secretBox: SecretBox,
  fillRandom: FillRandom,
): Promise<string> {
  if (wanted !== null) return wanted;
  const bytes = new Uint8Array(KEY_BYTES);
  fillRandom(bytes);
  const sealed = await store.settingOnce(SETTING, secretBox.seal(Buffer.from(bytes).toString("hex")));
  return secretBox.open(sealed);
}

/** The key that was made; null when none was yet. */
export async function readJwtKey(
  store: Pick<DirectoryStore, "getSetting">,
  secretBox: SecretBox,
): Promise<string | null> {
  const sealed = await store.getSetting(SETTING);
  return sealed === null ? null : secretBox.open(sealed);
}
