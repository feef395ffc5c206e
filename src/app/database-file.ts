import { join } from "node:path";

/** The embedded store's database in a data directory. */
export function databaseFile(dataDir: string): string {
  return join(dataDir, "msgbin.db");
}
