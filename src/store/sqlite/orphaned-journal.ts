import { AcceptanceJournal } from "./acceptance-journal.ts";
import { DatabaseRefused } from "./database-refused.ts";

/**
 * Keeps a new database from being made beside a filled journal: it would take in messages of customers that it does not know,
 * and the journal, which alone may hold them, would be made anew.
 * @throws {DatabaseRefused}
 */
export function refuseOrphanedJournal(database: string): void {
  if (!AcceptanceJournal.isFilledBeside(database)) return;
  throw new DatabaseRefused(
    "journal_alone",
    `there is no database in ${database}, yet ${database}.accepted-0 and -1 hold messages that it accepted: ` +
      "put it back or restore a backup (see `msgbin backup --help`), or move those two files away to begin anew",
  );
}
