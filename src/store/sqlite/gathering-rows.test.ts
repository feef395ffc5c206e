import { describe, expect, it } from "vitest";
import { openEmptyDatabase } from "./fixtures/empty-database.ts";
import {
  createGatheringReader,
  type GatheringColumns,
  GatheringRows,
  REPEATS_KNOWN_FOR,
} from "./gathering-rows.ts";

const key = (reference: number): GatheringColumns => [new Uint8Array(16), "+1", "+2", reference, 2];

describe("kept parts", () => {
  it("are refused as busy beyond their limit, and taken again once old ones are forgotten", () => {
    using database = openEmptyDatabase();
    const rows = new GatheringRows(database.connection, 2);
    const read = createGatheringReader(database.connection);
    expect(rows.keep(key(1), 1, '"a"', 10)).toBe(false);
    expect(rows.keep(key(1), 2, '"b"', 10)).toBe(true);
    expect(() => rows.keep(key(2), 1, "c", 10)).toThrow(expect.objectContaining({ reason: "busy" }));
    rows.take(read(key(1), 10), 10);
    rows.forgetTaken(10 + REPEATS_KNOWN_FOR - 1, 9);
    expect(() => rows.keep(key(3), 1, "c", 10)).toThrow(expect.objectContaining({ reason: "busy" }));
    rows.forgetTaken(10 + REPEATS_KNOWN_FOR, 9);
    expect(rows.keep(key(4), 1, "c", 10)).toBe(false);
  });

  it("are counted alike by whoever opens the database next", () => {
    using database = openEmptyDatabase();
    new GatheringRows(database.connection).keep(key(1), 1, "a", 10);
    const rows = new GatheringRows(database.connection, 1);
    expect(() => rows.keep(key(1), 2, "b", 10)).toThrow(expect.objectContaining({ reason: "busy" }));
    rows.removed(1);
    expect(rows.keep(key(1), 2, "b", 10)).toBe(true);
  });

  it("are counted once: a rollback takes back what was not committed, and does not go through the table", () => {
    using database = openEmptyDatabase();
    const { connection } = database;
    const rows = new GatheringRows(connection, 2);
    rows.keep(key(1), 1, "a", 10);
    rows.afterCommit();
    connection.execute("BEGIN");
    rows.keep(key(2), 1, "a", 10);
    connection.execute("ROLLBACK");
    connection.execute(
      "INSERT INTO gathered_parts VALUES (zeroblob(16), '+3', '+4', 1, 2, 1, ''), (zeroblob(16), '+3', '+4', 1, 2, 2, '')",
    );
    rows.afterRollback(); // whoever counted would find three
    expect(rows.keep(key(2), 1, "a", 10)).toBe(false);
    expect(() => rows.keep(key(3), 1, "a", 10)).toThrow(expect.objectContaining({ reason: "busy" }));
  });
});
