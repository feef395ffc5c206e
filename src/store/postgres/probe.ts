import type { Statement } from "./connection.ts";
import type { WriterContext } from "./writer-context.ts";

/** The tables that every message and every receipt is written to. */
const ESSENTIAL = "messages, targets, queue, leased, receipt_keys, events, deliveries";

export const PROBE_SQL = {
  /** Whoever asks wants to know now; a lock that is let go sooner is no failure. */
  bounds: {
    name: "probe_bounds",
    text: `SELECT set_config('lock_timeout', '1s', true), set_config('statement_timeout', '2s', true),
      set_config('work_mem', '64kB', true)`,
  },
  /** The lock that each write takes, and none that hinders one: it shows a table that somebody else keeps for himself. */
  tables: {
    name: "probe_tables",
    text: `LOCK TABLE ONLY ${ESSENTIAL.replaceAll(", ", ", ONLY ")} IN ROW EXCLUSIVE MODE`,
  },
  /** More rows than fit into the little memory: a quarter of a megabyte goes into a temporary file, if the disk has room. */
  room: { name: "probe_room", text: "SELECT count(*) FROM generate_series(1, 10000)" },
  /** One after the other: while the commit of one waits (for a standby that is gone), those after it are not done either. */
  write: { name: "probe", text: "UPDATE probe SET times = times + 1 WHERE one = 1" },
} as const satisfies Record<string, Statement>;

/**
 * Sees whether writing works: tables may be locked, the disk full, or the server a standby that only reads. A row by itself
 * would not tell, for it is written in place.
 */
export async function probe({ database }: WriterContext): Promise<void> {
  const { bounds, tables, room, write } = PROBE_SQL;
  await database.transaction(async (session) => {
    for (const statement of [bounds, tables, room, write]) await session.rows(statement, []);
  });
}
