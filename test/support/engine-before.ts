import { createClock } from "../../src/domain/clock.ts";
import type { BindLease, LeaseRequest } from "../../src/store/leasing.ts";
import { SCHEMA_VERSION } from "../../src/store/postgres/migrate.ts";
import { openPostgresStore, type PostgresStoreOptions } from "../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../src/store/store.ts";
import { quietLogger, quietMetrics } from "./store-of.ts";

/** The schema before the one of today. */
export const LEVEL_BEFORE = SCHEMA_VERSION - 1;

const ENGINE = new URL(`../fixtures/engines/postgres-level-${LEVEL_BEFORE}.js`, import.meta.url);

/** Opens the store of a database with one engine. */
export type OpenStore = (url: string) => Promise<Store>;
type Open<Opened> = (options: PostgresStoreOptions) => Promise<Opened>;
/** What the older engine answers to a request for slots: it takes in nothing of lanes, and tells nothing. */
type StoreBefore = Omit<Store, "leaseBinds"> & {
  leaseBinds(request: LeaseRequest): Promise<readonly BindLease[]>;
};

const clock = createClock(() => Date.now());
const optionsOf = (url: string): PostgresStoreOptions => ({
  url,
  directUrl: url,
  clock,
  logger: quietLogger,
  metrics: quietMetrics,
});

export const openToday: OpenStore = (url) => openPostgresStore(optionsOf(url));

/** The engine as it was at the schema before this one: `npm run keep-engine` kept it. */
export async function loadEngineBefore(): Promise<OpenStore> {
  const engine = (await import(ENGINE.href)) as { openPostgresStore: Open<StoreBefore> };
  return async (url) => knowingAll(await engine.openPostgresStore(optionsOf(url)));
}

function knowingAll(store: StoreBefore): Store {
  return {
    ...store,
    leaseBinds: async (request) => ({ leases: await store.leaseBinds(request), upElsewhereAt: null }),
  };
}
