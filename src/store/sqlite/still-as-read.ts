import type { Micros } from "../../domain/micros.ts";
import type { Connection } from "./connection.ts";
import type { Wire, WireReader } from "./wire.ts";

/** Follows a record that is put: how it was read, when it may replace nothing else. */
export function encodeBefore(before: { readonly tmUpdate: Micros | null } | undefined): Wire {
  return before === undefined ? [0] : [1, before.tmUpdate];
}

/** Makes the look whether the record with a key is still as {@link encodeBefore} says; it always is when that says nothing. */
export function createStillAsRead(
  connection: Connection,
  table: string,
  columns: readonly string[],
): (request: WireReader, ...key: Uint8Array[]) => boolean {
  const condition = columns.map((column) => `${column} = ?`).join(" AND ");
  const find = connection.prepare(`SELECT tm_update FROM ${table} WHERE ${condition}`);
  return (request, ...key) => {
    if (request.number() === 0) return true;
    const row = find.get(...key);
    return row !== undefined && row[0] === request.numberOrNull();
  };
}
