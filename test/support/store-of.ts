import { createSystemClock } from "../../src/app/system-clock.ts";
import type { Logger } from "../../src/domain/logger.ts";
import type { Metrics } from "../../src/domain/metrics.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";

const quiet = (): void => undefined;
/** Says nothing. */
export const quietLogger: Logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
/** Counts nothing. */
export const quietMetrics: Metrics = { count: quiet, gauge: quiet, observe: quiet };

/** Opens the database that a service left behind, to read in it what the HTTP API does not tell. */
export async function openStoreOf(file: string): Promise<Store & AsyncDisposable> {
  const store = await openSqliteStore({
    file,
    clock: createSystemClock(),
    logger: quietLogger,
    metrics: quietMetrics,
  });
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
}
