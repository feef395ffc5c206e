import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createClock } from "../src/domain/clock.ts";
import { World } from "../src/store/contract/world.ts";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../src/store/store.ts";

/** The log is copied into the database at 16 MiB; what is written while that goes on may come on top. */
const LOG_MAX_BYTES = 32 * 1_024 * 1_024;
/** Texts written through the log in all; pages and indexes make it several times what the log may hold. */
const WRITTEN_BYTES = 2 * LOG_MAX_BYTES;
/** For slow disks; nothing here goes by time. */
const TIMEOUT_MS = 600_000;
const BATCH = 200;
const TEXT = "checkpoints keep up ".repeat(70);
/** A page of the database may take more than one frame of the log, never less than its text. */
const BATCH_BYTES = BATCH * TEXT.length;
const PAGE_SIZE = 100;

const quiet = {
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: { count() {}, gauge() {}, observe() {} },
};

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "msgbin-log-size-"));
  store = await openSqliteStore({ file: join(folder, "msgbin.db"), clock: createClock(Date.now), ...quiet });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

it(
  "keeps the write-ahead log small under a steady load of writing and reading",
  async () => {
    const world = new World({ store, reopen: () => Promise.resolve(), dispose: () => Promise.resolve() });
    const { customerId } = world;
    const writing = new AbortController();
    const reader = (async () => {
      let pages = 0;
      for (; !writing.signal.aborted; pages++)
        await store.listMessages({ customerId, before: null, limit: PAGE_SIZE, targetLimit: PAGE_SIZE });
      return pages;
    })();
    let largest = 0;
    try {
      for (let written = 0; written < WRITTEN_BYTES; written += BATCH_BYTES) {
        const entries = Array.from({ length: BATCH }, () => world.acceptance({ text: TEXT }));
        await Promise.all(entries.map((entry) => store.acceptMessages([entry])));
        largest = Math.max(largest, statSync(join(folder, "msgbin.db-wal")).size);
      }
    } finally {
      writing.abort();
    }
    expect(await reader).toBeGreaterThan(0);
    expect(largest).toBeGreaterThan(0);
    expect(largest).toBeLessThanOrEqual(LOG_MAX_BYTES);
    expect(statSync(join(folder, "msgbin.db")).size).toBeGreaterThan(WRITTEN_BYTES / 2);
    console.log(`the log was at most ${(largest / 1_048_576).toFixed(1)} MiB`);
  },
  TIMEOUT_MS,
);
