import { afterAll, beforeAll } from "vitest";
import { execute, type PostgresServer, startPostgres } from "../../../test/support/postgres.ts";
import { createClock } from "../../domain/clock.ts";
import type { DamageableEngine } from "../contract/world.ts";
import { storeContract } from "../store.contract.ts";
import { openPostgresStore } from "./postgres-store.ts";

const quiet = {
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: { count() {}, gauge() {}, observe() {} },
};

const clock = createClock(() => Date.now());
const openAt = (url: string) => openPostgresStore({ url, directUrl: url, clock, ...quiet });

let server: PostgresServer;
/** A database with nothing but the schema: to make one anew for each part of the contract takes longer than to copy it. */
let blank: string;
beforeAll(async () => {
  server = await startPostgres();
  blank = await server.createDatabase();
  await (await openAt(blank)).close();
});
afterAll(() => server.stop());

async function openEngine(): Promise<DamageableEngine> {
  const url = await server.copyDatabase(blank);
  const open = () => openAt(url);
  let store = await open();
  return {
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      store = await open();
    },
    async loseEndpoint(id) {
      await execute(url, `DELETE FROM endpoints WHERE endpoint_id = '${id}'`);
    },
    dispose: () => store.close(),
  };
}

storeContract("postgres store", openEngine);
