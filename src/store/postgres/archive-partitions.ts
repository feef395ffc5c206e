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

/** One month (UTC) of the archive: a partition of each of its tables. */
export interface ArchiveMonth {
  /** `2026_11`, the end of its partitions' names. */
  readonly suffix: string;
  /** Its ids: from this one, and before that one. */
  readonly from: string;
  readonly until: string;
  readonly endsAtMs: number;
}

/** The month that a name of a partition of `messages` stands for; null when it is the default one. */
export function monthOfPartition(name: string): ArchiveMonth | null {
  const [, year, month] = /^messages_(\d{4})_(\d{2})$/.exec(name) ?? [];
  return year === undefined || month === undefined ? null : monthAt(Number(year), Number(month) - 1);
}

function monthAt(year: number, month: number): ArchiveMonth {
  const [begins, endsAtMs] = [Date.UTC(year, month), Date.UTC(year, month + 1)];
  const suffix = new Date(begins).toISOString().slice(0, "2026-11".length).replace("-", "_");
  return { suffix, from: firstIdOf(begins), until: firstIdOf(endsAtMs), endsAtMs };
}

function firstIdOf(ms: number): string {
  return firstIdAt(micros(ms * MICROS_PER_MS));
}

/**
 * What makes the archive's partitions, one for each month (UTC) and table: an id range is a time range. Ids outside of them,
 * of a clock that was wrong, go to the default ones. Each statement does nothing when its table is there.
 */
export function partitionStatements(nowMs: number): readonly string[] {
  const now = new Date(nowMs);
  const months = Array.from({ length: MONTHS_AHEAD + 1 }, (_, ahead) =>
    monthAt(now.getUTCFullYear(), now.getUTCMonth() + ahead),
  );
  return ARCHIVE_TABLES.flatMap((table) => [
    `CREATE TABLE IF NOT EXISTS ${table}_default PARTITION OF ${table} DEFAULT`,
    ...months.map((month) => monthStatement(table, month)),
  ]);
}

/**
 * A partition cannot be made while the default one has rows of its range, which a clock that was ahead left there: these
 * move along.
 */
function monthStatement(table: string, { suffix, from, until }: ArchiveMonth): string {
  const name = `${table}_${suffix}`;
  const bounds = `FOR VALUES FROM ('${from}') TO ('${until}')`;
  const inRange = `message_id >= '${from}' AND message_id < '${until}'`;
  return `
  DO $make$ BEGIN
    IF to_regclass('${name}') IS NOT NULL THEN RETURN; END IF;
    IF NOT EXISTS (SELECT 1 FROM ${table}_default WHERE ${inRange}) THEN
      CREATE TABLE IF NOT EXISTS ${name} PARTITION OF ${table} ${bounds};
      RETURN;
    END IF;
    LOCK TABLE ONLY ${table} IN ACCESS EXCLUSIVE MODE;
    CREATE TABLE ${name} (LIKE ${table} INCLUDING ALL);
    WITH moved AS (DELETE FROM ${table}_default WHERE ${inRange} RETURNING *)
    INSERT INTO ${name} SELECT * FROM moved;
    ALTER TABLE ${table} ATTACH PARTITION ${name} ${bounds};
  END $make$`;
}
