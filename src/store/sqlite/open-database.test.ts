import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Connection } from "./connection.ts";
import { DatabaseRefused } from "./database-refused.ts";
import { SCHEMA_VERSION } from "./migrate.ts";
import { openForReading, openForWriting } from "./open-database.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "msgbin-open-"));
  file = path.join(directory, "msgbin.db");
});
afterEach(() => rmSync(directory, { recursive: true }));

function refusal(): DatabaseRefused {
  try {
    openForWriting(file).close();
  } catch (error) {
    if (error instanceof DatabaseRefused) return error;
    throw error;
  }
  throw new Error("the database was opened");
}

it("makes a database that its owner alone can read, and opens it again as it was", () => {
  const first = openForWriting(file);
  first.execute("INSERT INTO settings VALUES ('a', 'b')");
  first.close();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const second = openForWriting(file);
  expect(second.prepare("SELECT value FROM settings").get()).toEqual(["b"]);
  expect(second.prepare("PRAGMA user_version").get()).toEqual([SCHEMA_VERSION]);
  second.close();
});

it("commits to stable storage before it answers (promise P1)", () => {
  const connection = openForWriting(file);
  expect(connection.prepare("PRAGMA journal_mode").get()).toEqual(["wal"]);
  expect(connection.prepare("PRAGMA synchronous").get()).toEqual([2]);
  connection.close();
});

it("refuses a database of a newer version, in one line that says what to do", () => {
  const connection = openForWriting(file);
  connection.execute(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  connection.close();
  const { reason, message } = refusal();
  expect(reason).toBe("newer_version");
  expect(message).toBe(
    `the database has schema ${SCHEMA_VERSION + 1} and this version of msgbin knows ${SCHEMA_VERSION}: start a newer msgbin`,
  );
});

it("refuses another program's database and leaves it alone", () => {
  const other = new Connection(file, { readOnly: false });
  other.execute("CREATE TABLE theirs (a)");
  other.close();
  expect(refusal().reason).toBe("not_ours");
  const again = new Connection(file, { readOnly: false });
  expect(again.prepare("SELECT name FROM sqlite_schema").all()).toEqual([["theirs"]]);
  again.close();
});

it("refuses a file that is no database", () => {
  writeFileSync(file, "this is not a database, whatever its name says".repeat(100));
  expect(refusal().reason).toBe("damaged");
});

it("refuses a place where it cannot write, and names the file", () => {
  writeFileSync(path.join(directory, "plain"), "");
  file = path.join(directory, "plain", "msgbin.db");
  const { reason, message } = refusal();
  expect(reason).toBe("unwritable");
  expect(message).toContain(`cannot write the database ${file}`);
  expect(message).not.toContain("\n");
});

it("cannot write on a reader's connection", () => {
  const writer = openForWriting(file);
  const reader = openForReading(file);
  expect(() => reader.execute("INSERT INTO settings VALUES ('a', 'b')")).toThrow(/readonly/);
  reader.close();
  writer.close();
});

it("forgets the leases and heartbeats of processes before it, and keeps the epochs", () => {
  const first = openForWriting(file);
  first.execute(`
    INSERT INTO nodes VALUES (7, 'dead', 9000000000000000);
    INSERT INTO bind_leases VALUES (x'00112233445566778899aabbccddeeff', 0, 7, 5, 9000000000000000, NULL)`);
  first.close();
  const second = openForWriting(file);
  expect(second.prepare("SELECT node, epoch FROM bind_leases").all()).toEqual([[null, 5]]);
  expect(second.prepare("SELECT count(*) FROM nodes WHERE expires_at > 0").get()).toEqual([0]);
  second.close();
});
