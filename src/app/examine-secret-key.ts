import type { Config } from "../config/config.ts";
import { openDirectory } from "./open-directory.ts";
import { isKeyOf } from "./secret-box-of.ts";

/** Tries the key on the database, as a start would; null when there is nothing to try it on. Nothing is changed by it. */
export async function examineSecretKey(config: Config): Promise<boolean | null> {
  const directory = openDirectory(config);
  try {
    return await isKeyOf(directory, config);
  } finally {
    await directory.close();
  }
}
