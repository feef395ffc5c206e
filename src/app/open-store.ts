import type { Config } from "../config/config.ts";
import type { Clock } from "../domain/clock.ts";
import type { Logger } from "../domain/logger.ts";
import type { Metrics } from "../domain/metrics.ts";
import { DatabaseRefused as PostgresRefused } from "../store/postgres/database-refused.ts";
import { openPostgresStore } from "../store/postgres/postgres-store.ts";
import { DatabaseRefused } from "../store/sqlite/database-refused.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { databaseFile } from "./database-file.ts";
import { StartRefused } from "./start-refused.ts";

interface StoreParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Opens the store that the settings name: the one place that knows which engines there are. */
export async function openStore({ dataDir, database }: Config, parts: StoreParts): Promise<Store> {
  try {
    if (database !== null) return await openPostgresStore({ ...database, ...parts });
    return await openSqliteStore({ file: databaseFile(dataDir), ...parts });
  } catch (cause) {
    if (cause instanceof DatabaseRefused || cause instanceof PostgresRefused)
      throw new StartRefused(cause.message, { cause });
    throw cause;
  }
}
