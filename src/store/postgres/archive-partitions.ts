import { firstIdAt } from "../../domain/ids.ts";
import { micros, MICROS_PER_MS } from "../../domain/micros.ts";

/** The tables that are partitioned by message id. */
export const ARCHIVE_TABLES = [
  "messages",
  "deleted_messages",
  "targets",
  "events",
  "attempts",
  "undelivered",
] as const;

/** Months that are made ahead, beside the present one. */
const MONTHS_AHEAD = 2;

/**
 * What makes the archive's partitions, one for each month (UTC) and table: an id range is a time range. Ids outside of them,
 * of a clock that was wrong, go to the default ones. Each statement does nothing when its table is there.
 */
export function partitionStatements(nowMs: number): readonly string[] {
  const now = new Date(nowMs);
  const months = Array.from({ length: MONTHS_AHEAD + 1 }, (_, ahead) =>
    Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead),
  );
  return ARCHIVE_TABLES.flatMap((table) => [
    `CREATE TABLE IF NOT EXISTS ${table}_default PARTITION OF ${table} DEFAULT`,
    ...months.map((month) => monthStatement(table, new Date(month))),
  ]);
}

function monthStatement(table: string, month: Date): string {
  const next = Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1);
  const [from, until] = [firstIdOf(month.getTime()), firstIdOf(next)];
  const name = `${table}_${month.toISOString().slice(0, 7).replace("-", "_")}`;
  return `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF ${table} FOR VALUES FROM ('${from}') TO ('${until}')`;
}

function firstIdOf(ms: number): string {
  return firstIdAt(micros(ms * MICROS_PER_MS));
}
