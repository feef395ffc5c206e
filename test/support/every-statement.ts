import { readdirSync, readFileSync } from "node:fs";
import { ARCHIVE_TABLES } from "../../src/store/postgres/archive-partitions.ts";
import type { Statement } from "../../src/store/postgres/connection.ts";

const FOLDER = new URL("../../src/store/postgres/", import.meta.url);

/** Files of the PostgreSQL engine, without tests and fixtures. */
function sourceFiles(): string[] {
  return readdirSync(FOLDER).filter((name) => /^[a-z-]+\.ts$/.test(name));
}

/** Every statement that the PostgreSQL engine's files export, those that are made for a table once for each table of the archive. */
export async function everyStatement(): Promise<readonly Statement[]> {
  const found = new Map<string, Statement>();
  for (const file of sourceFiles()) {
    const module = (await import(new URL(file, FOLDER).href)) as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(module)) if (name.endsWith("_SQL")) gather(value, found);
  }
  return [...found.values()];
}

/** The names of statements as they are written down in the sources; those with a table in them end before it. */
export function writtenNames(): string[] {
  return sourceFiles().flatMap((file) => {
    const text = readFileSync(new URL(file, FOLDER), "utf8");
    return [...text.matchAll(/name: ["`]([a-z_]+)[^"`]*["`],\s*text:/g)].map(([, name = ""]) => name);
  });
}

function gather(value: unknown, found: Map<string, Statement>): void {
  if (typeof value === "function") {
    for (const table of ARCHIVE_TABLES) gather((value as (table: string) => unknown)(table), found); // takes a table
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (
    "name" in value &&
    "text" in value &&
    typeof value.name === "string" &&
    typeof value.text === "string"
  ) {
    const statement = { name: value.name, text: value.text };
    found.set(statement.name === "" ? statement.text : statement.name, statement);
    return;
  }
  for (const inner of Object.values(value)) gather(inner, found);
}
