import type { Micros } from "../../domain/micros.ts";
import type { Statement, Value } from "./connection.ts";

/** How a record was read that is to be replaced. */
interface Read {
  readonly tmUpdate: Micros | null;
}

/** The two ways to write a record of a table that has `tm_update`. */
interface RecordStatements {
  /** Inserts it or replaces the one with its key. */
  readonly put: Statement;
  /** Replaces it if it is still as it was read: the last value is its `tm_update` then. */
  readonly change: Statement;
}

/** What writes a record; with `before` only in place of what that says. */
export function putOf(
  { put, change }: RecordStatements,
  values: readonly Value[],
  before: Read | undefined,
): [Statement, readonly Value[]] {
  return before === undefined ? [put, values] : [change, [...values, before.tmUpdate]];
}

/** The statements of a table's records. */
export function recordStatements(table: string, columns: string, key: readonly string[]): RecordStatements {
  const names = columns.split(", ");
  const set = (name: string) => `${name} = $${names.indexOf(name) + 1}`;
  const changes = names.filter((name) => !key.includes(name)).map(set);
  return {
    put: putStatement(table, columns, key),
    change: {
      name: `${table}_change`,
      text: `UPDATE ${table} SET ${changes.join(", ")}
      WHERE ${key.map(set).join(" AND ")} AND tm_update IS NOT DISTINCT FROM $${names.length + 1}`,
    },
  };
}

/** Inserts a row or replaces the one with its key. */
export function putStatement(table: string, columns: string, key: readonly string[]): Statement {
  const names = columns.split(", ");
  const values = names.map((_, index) => `$${index + 1}`).join(", ");
  const changes = names.filter((name) => !key.includes(name)).map((name) => `${name} = excluded.${name}`);
  return {
    name: `${table}_put`,
    text: `INSERT INTO ${table} (${columns}) VALUES (${values})
      ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${changes.join(", ")}`,
  };
}
