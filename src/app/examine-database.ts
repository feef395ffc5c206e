import { integer, text } from "../store/sqlite/connection.ts";
import { SCHEMA_VERSION } from "../store/sqlite/migrate.ts";
import { openForReading } from "../store/sqlite/open-database.ts";
import { databaseFile } from "./database-file.ts";
import { isReadable } from "./forbidden.ts";

/** What a look at the database found; nothing is changed by it. */
export interface DatabaseExamination {
  readonly file: string;
  readonly schema: { readonly found: number; readonly known: number };
  /** `ok`, else the first thing that SQLite's own check found wrong. */
  readonly integrity: string;
}

/** Reads the whole database of a data directory, beside a service that may be running on it; throws when it cannot be read. */
export function examineDatabase(dataDir: string): DatabaseExamination {
  const file = databaseFile(dataDir);
  isReadable(file); // SQLite would not say why it cannot open it
  const connection = openForReading(file);
  try {
    return {
      file,
      schema: {
        found: integer(connection.prepare("PRAGMA user_version").get()?.[0]),
        known: SCHEMA_VERSION,
      },
      integrity: text(connection.prepare("PRAGMA quick_check(1)").get()?.[0]),
    };
  } finally {
    connection.close();
  }
}
