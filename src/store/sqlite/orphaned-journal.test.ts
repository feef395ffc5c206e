import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createClock } from "../../domain/clock.ts";
import { World } from "../contract/world.ts";
import type { Store } from "../store.ts";
import { Connection } from "./connection.ts";
import { encodeRecord } from "./journal-records.ts";
import { openForWriting } from "./open-database.ts";
import { openSqliteStore } from "./sqlite-store.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "msgbin-orphan-"));
  file = path.join(directory, "msgbin.db");
});
afterEach(() => rmSync(directory, { recursive: true }));

const refusal = () => ({
  name: "DatabaseRefused",
  reason: "journal_alone",
  message:
    `there is no database in ${file}, yet ${file}.accepted-0 and -1 hold messages that it accepted: ` +
    "put it back or restore a backup (see `msgbin backup --help`), or move those two files away to begin anew",
});

/** Each file with a hash of what it holds. */
function everything(): Readonly<Record<string, string>> {
  const hashOf = (name: string): string =>
    createHash("sha256")
      .update(readFileSync(path.join(directory, name)))
      .digest("hex");
  return Object.fromEntries(readdirSync(directory).map((name) => [name, hashOf(name)]));
}

/** As it is when a first start is killed before its first commit. */
function makeBare(): void {
  const connection = new Connection(file, { readOnly: false });
  connection.execute("PRAGMA journal_mode = WAL");
  connection.close();
}

const BARE: readonly (readonly [string, () => void])[] = [
  ["gone", () => {}],
  ["empty", () => writeFileSync(file, "")],
  ["without a schema", makeBare],
];

it("no database is made beside what a lost one accepted; found again, it has all of it", async () => {
  const open = (): Promise<Store> =>
    openSqliteStore({
      file,
      clock: createClock(() => Date.now()),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      metrics: { count() {}, gauge() {}, observe() {} },
    });
  const store = await open();
  const world = new World({ store, reopen: () => Promise.resolve(), dispose: () => store.close() });
  const [key] = await world.accept();
  await store.close();
  copyFileSync(file, `${file}.away`);
  rmSync(file);
  const before = everything();
  await expect(open()).rejects.toMatchObject(refusal());
  expect(everything()).toEqual(before);

  copyFileSync(`${file}.away`, file);
  const again = await open();
  expect(await again.getMessage(key)).not.toBeNull();
  await again.close();
});

it.each(BARE)("nothing is touched where the database is %s and either file has a record", (_, leave) => {
  for (const half of [0, 1]) {
    const journal = `${file}.accepted-${half}`;
    leave();
    writeFileSync(journal, encodeRecord({ sequence: 7, payload: "accepted" }, 3)); // of whichever journal
    const before = everything();
    expect(() => openForWriting(file)).toThrow(expect.objectContaining(refusal()));
    expect(everything()).toEqual(before);
    rmSync(journal);
  }
});

it.each(BARE)("a database is made where it is %s and the journal has no record", (_, leave) => {
  leave();
  writeFileSync(`${file}.accepted-0`, Buffer.alloc(4_096));
  writeFileSync(`${file}.accepted-1`, "");
  const connection = openForWriting(file);
  expect(connection.prepare("SELECT applied FROM acceptance_journal").get()).toEqual([0]);
  connection.close();
});
