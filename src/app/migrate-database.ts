import { pid } from "node:process";
import type { Config } from "../config/config.ts";
import type { LineSink } from "../observe/dropping-lines.ts";
import { createLogger } from "../observe/log.ts";
import { SILENT_METRICS } from "../observe/metrics.ts";
import { openStore } from "./open-store.ts";
import { createSystemClock } from "./system-clock.ts";
import { takeDataDirectory } from "./data-directory.ts";
import { settleSecretBox } from "./secret-box-of.ts";

/** Makes the data directory, its key and its database where they are missing, and brings the schema up to date. */
export async function migrateDatabase(config: Config, logTo: LineSink): Promise<void> {
  const directory = takeDataDirectory(config.dataDir, pid);
  try {
    const logger = createLogger({ level: config.logLevel, sink: logTo, form: "json" });
    const store = await openStore(config, { clock: createSystemClock(), logger, metrics: SILENT_METRICS });
    try {
      await settleSecretBox(config, store);
    } finally {
      await store.close();
    }
  } finally {
    directory.release();
  }
}
