import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createClock } from "../../domain/clock.ts";
import type { ContractEngine } from "../contract/world.ts";
import { storeContract } from "../store.contract.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const quiet = {
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: { count() {}, gauge() {}, observe() {} },
};

async function openEngine(): Promise<ContractEngine> {
  const directory = mkdtempSync(path.join(tmpdir(), "msgbin-store-"));
  const clock = createClock(() => Date.now());
  const open = () => openSqliteStore({ file: path.join(directory, "msgbin.db"), clock, ...quiet });
  let store = await open();
  return {
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      store = await open();
    },
    async dispose() {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
}

storeContract("sqlite store", openEngine);
