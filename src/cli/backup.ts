import { resolve } from "node:path";
import { Command } from "commander";
import { addSettingFlags, readConfig } from "./setting-flags.ts";
import type { Surroundings } from "./surroundings.ts";

const EXAMPLES = `
It works while the service runs and while it does not, on the machine of the data directory. The copy is one consistent
moment. To restore it: stop the service, put it in the data directory as msgbin.db, and remove msgbin.db-wal,
msgbin.db-shm, msgbin.db.accepted-0 and msgbin.db.accepted-1. What waited to be sent in that moment is sent then, whether it
has left since or not. Keep secret.key (or MSGBIN_SECRET_KEY) with it: without it nothing sealed in it can be read.
A PostgreSQL is not copied by this: it has pg_dump.

Examples:
  msgbin backup /backups/msgbin-$(date +%F).db
  msgbin backup --data-dir /var/lib/msgbin /backups/msgbin.db`;

/** `msgbin backup`: a copy of the database, made while it is in use. */
export function backupCommand(surroundings: Surroundings): Command {
  const command = new Command("backup")
    .description("Copy the database to a new file, while the service runs or not.")
    .argument("<FILE>", "where to; it must not exist")
    .addHelpText("after", EXAMPLES);
  return addSettingFlags(command, ["dataDir", "databaseUrl"]).action(
    async (file: string, options: Readonly<Record<string, unknown>>) => {
      const config = readConfig(options, surroundings);
      const { backupDatabase } = await import("../app/backup-database.ts"); // it brings the store along
      const into = resolve(surroundings.workingDirectory, file);
      await backupDatabase(config, into);
      surroundings.stdout.write(`the database is copied to ${into}\n`);
    },
  );
}
