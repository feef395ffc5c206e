import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createClock } from "../../domain/clock.ts";
import { World } from "../contract/world.ts";
import type { Store } from "../store.ts";
import { encodeJournaled } from "./accept-messages.ts";
import { AcceptanceJournal } from "./acceptance-journal.ts";
import { backup } from "./backup.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { CLAIM_MAX_CHARACTERS } from "../queueing.ts";

let directory: string;
let open: (name: string) => Promise<Store>;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "msgbin-backup-"));
  const quiet = {
    clock: createClock(() => Date.now()),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    metrics: { count() {}, gauge() {}, observe() {} },
  };
  open = (name) => openSqliteStore({ file: path.join(directory, name), ...quiet });
});
afterEach(() => rmSync(directory, { recursive: true }));

function worldOf(store: Store): World {
  return new World({ store, reopen: () => Promise.resolve(), dispose: () => store.close() });
}

it("copies everything that was committed, while the store goes on, to a file of its owner alone", async () => {
  const store = await open("msgbin.db");
  const world = worldOf(store);
  await Promise.all(Array.from({ length: 200 }, () => world.accept()));
  const copied = store.backup(path.join(directory, "copy.db"));
  await Promise.all(Array.from({ length: 200 }, () => world.accept()));
  await copied;
  expect(statSync(path.join(directory, "copy.db")).mode & 0o777).toBe(0o600);
  await store.close();
  const copy = await open("copy.db");
  const { carrierId, node } = world;
  const claimed = await copy.claimTargets({
    carrierId,
    node,
    now: world.now(),
    limit: 1_000,
    characters: CLAIM_MAX_CHARACTERS,
  });
  expect(claimed.length).toBeGreaterThanOrEqual(200);
  await copy.close();
});

it("has what only the journal has: of a service that was killed, too", async () => {
  const store = await open("msgbin.db");
  const world = worldOf(store);
  await store.close();
  const entries = [world.acceptance(), world.acceptance()];
  const file = path.join(directory, "msgbin.db");
  const journal = new AcceptanceJournal(file, 0, 0);
  for (const [index, entry] of entries.entries())
    await journal.append({ sequence: index + 1, payload: encodeJournaled([entry]) });
  journal.close();

  await backup({ file, into: path.join(directory, "copy.db") });
  expect(readdirSync(directory).filter((name) => name.startsWith("copy"))).toEqual(["copy.db"]);
  const copy = await open("copy.db");
  for (const { message } of entries)
    expect(await copy.getMessage({ customerId: message.customerId, messageId: message.id })).not.toBeNull();
  await copy.close();
});

it("takes nothing, each time that it is put back, of what was accepted after it was made", async () => {
  const store = await open("msgbin.db");
  const world = worldOf(store);
  const [before] = await world.accept();
  await store.backup(path.join(directory, "copy.db"));
  let [after] = await world.accept();
  await store.close();

  for (let round = 0; round < 2; round++) {
    putBack(); // beside the journal that was there
    const restored = await open("msgbin.db");
    expect(await restored.getMessage(before)).not.toBeNull();
    expect(await restored.getMessage(after)).toBeNull();
    [after] = await worldOf(restored).accept();
    await restored.close();
    const again = await open("msgbin.db");
    expect(await again.getMessage(after)).not.toBeNull();
    await again.close();
  }
});

function putBack(): void {
  for (const end of ["-wal", "-shm"]) rmSync(path.join(directory, `msgbin.db${end}`), { force: true });
  copyFileSync(path.join(directory, "copy.db"), path.join(directory, "msgbin.db"));
}

it("writes over no file, and leaves nothing behind where it cannot write", async () => {
  const store = await open("msgbin.db");
  const taken = path.join(directory, "taken");
  writeFileSync(taken, "mine");
  await expect(store.backup(taken)).rejects.toThrow("exists already");
  await expect(store.backup(path.join(taken, "copy.db"))).rejects.toThrow("ENOTDIR");
  await store.close();
});
