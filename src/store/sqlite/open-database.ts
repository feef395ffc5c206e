import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { Connection } from "./connection.ts";
import { DatabaseRefused, refusalOfDamage } from "./database-refused.ts";
import { migrate } from "./migrate.ts";
import { refuseOrphanedJournal } from "./orphaned-journal.ts";

/** Pages kept in memory by the writer and by the reader, in KiB: the same whatever the database holds. */
const WRITER_CACHE_KIB = 16_384;
const READER_CACHE_KIB = 8_192;

/** Pages in the log before a commit copies them into the database: 16 MiB, so that a hot page is copied once for many commits. */
const CHECKPOINT_PAGES = 4_000;
const LOG_KEPT_BYTES = 64 * 1_024 * 1_024;

/**
 * Opens the writer's connection, makes the file when there is none (readable by its owner only) and brings it up to date.
 * @throws {DatabaseRefused} with one line that says what to do.
 */
export function openForWriting(file: string): Connection {
  try {
    if (isMissingOrEmpty(file)) refuseOrphanedJournal(file); // before there is a file
    closeSync(openSync(file, "a", 0o600));
    return preparedForWriting(new Connection(file, { readOnly: false }), file);
  } catch (error) {
    throw refusalOf(file, error);
  }
}

function preparedForWriting(connection: Connection, file: string): Connection {
  try {
    connection.execute(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA cache_size = -${WRITER_CACHE_KIB};
      PRAGMA temp_store = MEMORY;
      PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
      PRAGMA journal_size_limit = ${LOG_KEPT_BYTES}`);
    migrate(connection, () => refuseOrphanedJournal(file));
    forgetDeadNodes(connection);
    return connection;
  } catch (error) {
    connection.close(); // or a log of it would be left behind
    throw error;
  }
}

function isMissingOrEmpty(file: string): boolean {
  return !existsSync(file) || statSync(file).size === 0;
}

/** Only one process has the file: whoever held leases before is dead. Epochs stay, so that a slot's next holder is told apart. */
function forgetDeadNodes(connection: Connection): void {
  connection.execute(`
    BEGIN IMMEDIATE;
    UPDATE bind_leases SET node = NULL WHERE node IS NOT NULL;
    UPDATE nodes SET expires_at = 0;
    DELETE FROM nodes WHERE number NOT IN (SELECT node FROM leased);
    COMMIT`);
}

/** Opens a connection that cannot write. The file must have been opened for writing before. */
export function openForReading(file: string): Connection {
  const connection = new Connection(file, { readOnly: true });
  connection.execute(
    `PRAGMA cache_size = -${READER_CACHE_KIB}; PRAGMA temp_store = MEMORY; PRAGMA query_only = 1`,
  );
  return connection;
}

/** What a start is refused with when an error kept it from using the file. */
export function refusalOf(file: string, error: unknown): DatabaseRefused {
  if (error instanceof DatabaseRefused) return error;
  const damage = refusalOfDamage(file, error);
  if (damage !== null) return damage;
  const detail = error instanceof Error ? error.message : String(error);
  return new DatabaseRefused("unwritable", `cannot write the database ${file}: ${detail}`, { cause: error });
}
