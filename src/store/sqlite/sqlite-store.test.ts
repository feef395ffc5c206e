import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createClock } from "../../domain/clock.ts";
import type { DamageableEngine } from "../contract/world.ts";
import { storeContract } from "../store.contract.ts";
import { idToBytes } from "./id-bytes.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const quiet = {
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: { count() {}, gauge() {}, observe() {} },
};

async function openEngine(): Promise<DamageableEngine> {
  const directory = mkdtempSync(path.join(tmpdir(), "msgbin-store-"));
  const clock = createClock(() => Date.now());
  const file = path.join(directory, "msgbin.db");
  const open = () => openSqliteStore({ file, clock, ...quiet });
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
      await store.close();
      const database = new DatabaseSync(file);
      database.prepare("DELETE FROM endpoints WHERE endpoint_id = ?").run(idToBytes(id));
      database.close();
      store = await open();
    },
    async dispose() {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
}

storeContract("sqlite store", openEngine);
