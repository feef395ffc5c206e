import type { Config } from "../config/config.ts";
import { backup } from "../store/sqlite/backup.ts";
import { databaseFile } from "./database-file.ts";
import { isReadable } from "./forbidden.ts";
import { StartRefused } from "./start-refused.ts";

/**
 * Copies the database of a data directory to a new file, beside a service that may be running on it.
 * @throws {StartRefused} when there is none that this user may read, the copy cannot be written, or the database is PostgreSQL's, which has tools of its own.
 */
export async function backupDatabase(
  { dataDir, database }: Pick<Config, "dataDir" | "database">,
  into: string,
): Promise<void> {
  if (database !== null) throw new StartRefused("the database is PostgreSQL: back it up with pg_dump");
  const file = databaseFile(dataDir);
  if (!isReadable(file)) {
    throw new StartRefused(`there is no msgbin database in ${dataDir}: name the place with MSGBIN_DATA_DIR`);
  }
  try {
    await backup({ file, into });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartRefused(`the database could not be copied: ${reason}`, { cause });
  }
}
