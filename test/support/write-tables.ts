import { readFileSync, writeFileSync } from "node:fs";
import { fillTables, PAGES_WITH_TABLES } from "./reference-tables.ts";

/** `npm run docs`: brings the tables of the pages up to date with the code. */
for (const page of PAGES_WITH_TABLES) {
  const file = new URL(`../../${page}`, import.meta.url);
  const before = readFileSync(file, "utf8");
  const after = fillTables(before);
  if (after === before) continue;
  writeFileSync(file, after);
  console.log(`brought up to date: ${page}`);
}
