import { Command } from "commander";
import { addSettingFlags, readConfig } from "./setting-flags.ts";
import type { Surroundings } from "./surroundings.ts";

/** `msgbin migrate`: makes the database or brings it up to this version, without serving. */
export function migrateCommand(surroundings: Surroundings): Command {
  const command = new Command("migrate").description(
    "Make the database, or bring it up to this version, without serving; `serve` does so by itself.",
  );
  return addSettingFlags(command, ["dataDir", "databaseUrl", "databaseDirectUrl", "secretKey"]).action(
    async (options: Readonly<Record<string, unknown>>) => {
      const config = readConfig(options, surroundings);
      const { migrateDatabase } = await import("../app/migrate-database.ts"); // it brings the store along
      await migrateDatabase(config, surroundings.stderr.raw);
      surroundings.stdout.write(`the database in ${config.dataDir} is up to date\n`);
    },
  );
}
