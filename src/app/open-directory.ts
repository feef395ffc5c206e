import type { Config } from "../config/config.ts";
import { openPostgresDirectory } from "../store/postgres/postgres-directory.ts";
import { DatabaseRefused } from "../store/sqlite/database-refused.ts";
import { openSqliteDirectory, type SqliteDirectory } from "../store/sqlite/sqlite-directory.ts";
import { databaseFile } from "./database-file.ts";
import { isReadable } from "./forbidden.ts";
import { StartRefused } from "./start-refused.ts";

/** What can be read beside a service, whichever engine keeps it. */
export interface OpenDirectory extends Pick<
  SqliteDirectory,
  "findCustomer" | "getCustomer" | "listEndpoints" | "getSetting"
> {
  close(): void | Promise<void>;
}

/**
 * Opens the database that the settings name to read its directory, whether a service runs on it or not.
 * @throws {StartRefused} when there is none in the data directory, or it cannot be read.
 */
export function openDirectory({ database, dataDir }: Config): OpenDirectory {
  if (database !== null) return openPostgresDirectory(database.url);
  const file = databaseFile(dataDir);
  if (!isReadable(file)) {
    throw new StartRefused(
      `there is no msgbin database in ${dataDir}: start \`msgbin serve\` first, or name the place with MSGBIN_DATA_DIR`,
    );
  }
  try {
    return openSqliteDirectory(file);
  } catch (cause) {
    const reason =
      cause instanceof DatabaseRefused ? cause.message : `${file} cannot be read (${String(cause)})`;
    throw new StartRefused(reason, { cause });
  }
}
