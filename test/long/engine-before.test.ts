import { afterAll, beforeAll } from "vitest";
import type { DamageableEngine } from "../../src/store/contract/world.ts";
import { storeContractBefore } from "../../src/store/store.contract.ts";
import { LEVEL_BEFORE, loadEngineBefore, openToday, type OpenStore } from "../support/engine-before.ts";
import { execute, type PostgresServer, startPostgres } from "../support/postgres.ts";

let server: PostgresServer;
/** A database with nothing but the schema of today. */
let blank: string;
let openBefore: OpenStore;
beforeAll(async () => {
  server = await startPostgres();
  blank = await server.createDatabase();
  await (await openToday(blank)).close();
  openBefore = await loadEngineBefore();
});
afterAll(() => server.stop());

async function openEngineBefore(): Promise<DamageableEngine> {
  const url = await server.copyDatabase(blank);
  let store = await openBefore(url);
  return {
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      store = await openBefore(url);
    },
    async loseEndpoint(id) {
      await execute(url, `DELETE FROM endpoints WHERE endpoint_id = '${id}'`);
    },
    dispose: () => store.close(),
  };
}

storeContractBefore(`the engine of schema ${LEVEL_BEFORE} on the schema of today`, openEngineBefore);
