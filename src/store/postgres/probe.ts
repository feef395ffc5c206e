import type { WriterContext } from "./writer-context.ts";

export const PROBE_SQL = {
  /** Two probes at once do not wait for each other: the one that finds the row taken knows that writing works. */
  name: "probe",
  text: `UPDATE probe SET times = times + 1 WHERE one IN (
    SELECT one FROM probe WHERE one = 1 FOR UPDATE SKIP LOCKED) RETURNING one`,
} as const;

/** Writes a row, to see whether writing works. */
export async function probe({ database }: WriterContext): Promise<void> {
  await database.transaction((session) => session.rows(PROBE_SQL, []));
}
