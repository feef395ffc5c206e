import { join } from "node:path";
import { createSystemClock } from "../../src/app/system-clock.ts";
import { openPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../src/store/store.ts";
import { sharedPostgres } from "./postgres.ts";
import type { Environment } from "./service.ts";
import { openStoreOf, quietLogger, quietMetrics } from "./store-of.ts";

/** A database for a service under test. */
export interface Engine extends AsyncDisposable {
  /** What tells a service to use it. */
  readonly environment: Environment;
  /** Whether others wait for a killed process's bind slots until its leases end. */
  readonly hasLeases: boolean;
  /** Reads in it what the HTTP API does not tell; the service must have ended. */
  openStore(dataDir: string): Promise<Store & AsyncDisposable>;
}

export const ENGINES = {
  SQLite: (): Promise<Engine> =>
    Promise.resolve({
      environment: {},
      hasLeases: false,
      openStore: (dataDir) => openStoreOf(join(dataDir, "msgbin.db")),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  async PostgreSQL(): Promise<Engine> {
    const server = await sharedPostgres();
    const url = await server.createDatabase();
    return {
      environment: { MSGBIN_DATABASE_URL: url, MSGBIN_SECRET_KEY: "a key as an operator would give it" },
      hasLeases: true,
      openStore: () => openPostgres(url),
      [Symbol.asyncDispose]: () => server.stop(),
    };
  },
} as const;

export type EngineName = keyof typeof ENGINES;

/** Opens a PostgreSQL that a service left behind. */
export async function openPostgres(url: string): Promise<Store & AsyncDisposable> {
  const [clock, logger, metrics] = [createSystemClock(), quietLogger, quietMetrics];
  const store = await openPostgresStore({ url, directUrl: url, clock, logger, metrics });
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
}
