import { type Connection, integer } from "./connection.ts";
import { DatabaseRefused } from "./database-refused.ts";
import { FIRST_SCHEMA } from "./migrations/0001-first-schema.ts";
import { SECOND_SCHEMA } from "./migrations/0002-second-schema.ts";
import { ACCEPTANCE_JOURNAL } from "./migrations/0003-acceptance-journal.ts";
import { RETENTION_SCHEMA } from "./migrations/0004-retention.ts";
import { LANES_UP } from "./migrations/0005-lanes-up.ts";

/** Each brings the schema one version up; the position is the version it comes from. Never changed once released. */
const MIGRATIONS: readonly string[] = [
  FIRST_SCHEMA,
  SECOND_SCHEMA,
  ACCEPTANCE_JOURNAL,
  RETENTION_SCHEMA,
  LANES_UP,
];

/** The schema that this version of the program reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** "msgb", so that another program's database is not taken for ours (SQLite file format §1.3.17). */
const APPLICATION_ID = 0x6d736762;

/**
 * Brings the schema to {@link SCHEMA_VERSION}, all steps in one transaction.
 * @param beforeFirst called when there is no schema yet, before anything is written; may refuse
 * @throws {DatabaseRefused} when a newer version or another program wrote the file.
 */
export function migrate(connection: Connection, beforeFirst: () => void): void {
  connection.execute("BEGIN IMMEDIATE");
  try {
    const version = versionOf(connection);
    if (version === 0) beforeFirst();
    for (const migration of MIGRATIONS.slice(version)) connection.execute(migration);
    connection.execute(`PRAGMA user_version = ${SCHEMA_VERSION}; PRAGMA application_id = ${APPLICATION_ID}`);
    connection.execute("COMMIT");
  } catch (error) {
    if (connection.isInTransaction) connection.execute("ROLLBACK");
    throw error;
  }
}

function versionOf(connection: Connection): number {
  const version = integer(connection.prepare("PRAGMA user_version").get()?.[0]);
  const application = integer(connection.prepare("PRAGMA application_id").get()?.[0]);
  const tables = integer(connection.prepare("SELECT count(*) FROM sqlite_schema").get()?.[0]);
  if (application !== APPLICATION_ID && (tables > 0 || version > 0)) {
    throw new DatabaseRefused(
      "not_ours",
      "the database file belongs to another program: choose another data directory",
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new DatabaseRefused(
      "newer_version",
      `the database has schema ${version} and this version of msgbin knows ${SCHEMA_VERSION}: start a newer msgbin`,
    );
  }
  return version;
}
