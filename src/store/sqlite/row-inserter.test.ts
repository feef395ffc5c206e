import { expect, it } from "vitest";
import { openEmptyDatabase } from "./fixtures/empty-database.ts";
import { RowInserters } from "./row-inserter.ts";

function settingsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `name ${String(index).padStart(3, "0")}`);
}

it.each([0, 1, 7, 8, 9, 16, 100])("inserts %i rows, each once and in order", (count) => {
  using database = openEmptyDatabase();
  const inserters = new RowInserters(database.connection);
  const settings = inserters.make("INSERT INTO settings", 2);
  for (const name of settingsOf(count)) settings.add(name, "value");
  inserters.flush();
  inserters.flush();
  const rows = database.connection.prepare("SELECT name FROM settings ORDER BY name").all();
  expect(rows.map(([name]) => name)).toEqual(settingsOf(count));
});

it("forgets what it gathered when the transaction is rolled back", () => {
  using database = openEmptyDatabase();
  const inserters = new RowInserters(database.connection);
  inserters.make("INSERT INTO settings", 2).add("a", "b");
  inserters.afterRollback();
  inserters.beforeCommit();
  expect(database.connection.prepare("SELECT * FROM settings").all()).toEqual([]);
});
