import { MICROS_PER_MS } from "../../domain/micros.ts";
import { limitsOf, type RetentionDefault } from "../../domain/retention.ts";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import type { RetentionRequest } from "../retaining.ts";
import type { CustomerChoice } from "../retention-walk.ts";
import { ARCHIVE_TABLES, type ArchiveMonth, monthOfPartition } from "./archive-partitions.ts";
import { BRIEFLY } from "./keep-house.ts";
import type { Reads } from "./message-rows.ts";
import type { WriterContext } from "./writer-context.ts";

/** Whoever waits for these locks makes all the others wait: a try ends soon, and the next comes after a pause. */
const TRIES = 5;
const PAUSE_MS = 300;

/** Goes from carrier to carrier along a table's key, and looks for a month's messages under each. */
const ANY_UNDER = (table: string) => `
    EXISTS (
      WITH RECURSIVE known (place) AS (
        (SELECT carrier_id FROM ${table} ORDER BY carrier_id LIMIT 1)
        UNION ALL
        SELECT (SELECT k.carrier_id FROM ${table} k WHERE k.carrier_id > known.place ORDER BY k.carrier_id LIMIT 1)
        FROM known WHERE known.place IS NOT NULL
      )
      SELECT 1 FROM known WHERE known.place IS NOT NULL AND (
        SELECT 1 FROM ${table} k WHERE k.carrier_id = known.place AND k.message_id >= $1 AND k.message_id < $2 LIMIT 1
      ) IS NOT NULL)`;

/** Of endpoints that there are: what an endpoint left behind that was removed is nobody's. */
const ANY_UNTOLD = `
    EXISTS (
      SELECT 1 FROM endpoints w WHERE (
        SELECT 1 FROM deliveries d WHERE d.endpoint_id = w.endpoint_id AND d.message_id >= $1 AND d.message_id < $2 LIMIT 1
      ) IS NOT NULL)`;

export const DROP_MONTHS_SQL = {
  months: {
    name: "retention_months",
    text: "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'messages'::regclass",
  },
  /** The choice that keeps shortest. */
  shortest: {
    name: "retention_shortest",
    text: "SELECT min(retention_days) AS days FROM customers WHERE retention_days > 0",
  },
  /** Whose messages are in a partition, by the beginnings of its key alone. */
  customersIn: (partition: string) => ({
    name: "",
    text: `
    WITH RECURSIVE known (id) AS (
      (SELECT customer_id FROM ${partition} ORDER BY customer_id LIMIT 1)
      UNION ALL
      SELECT (SELECT p.customer_id FROM ${partition} p WHERE p.customer_id > known.id ORDER BY p.customer_id LIMIT 1)
      FROM known WHERE known.id IS NOT NULL
    )
    SELECT known.id, c.retention_days AS "retentionDays", c.retention_content_days AS "retentionContentDays"
    FROM known LEFT JOIN customers c ON c.customer_id = known.id WHERE known.id IS NOT NULL`,
  }),
  /** Whether anything of a month is still under way. A receipt's key leads to no message, so all that wait are looked at. */
  isOpen: {
    name: "retention_month_open",
    text: `
    SELECT ${ANY_UNDER("queue")} OR ${ANY_UNDER("leased")}
      OR ${ANY_UNTOLD}
      OR EXISTS (SELECT 1 FROM receipt_keys WHERE message_id >= $1 AND message_id < $2) AS open`,
  },
  isReplayed: {
    name: "retention_month_replayed",
    text: `SELECT ${ANY_UNTOLD} AS open`,
  },
} as const;

/**
 * Drops the partitions of months that no customer who has messages there keeps any longer, and of which nothing is under
 * way. What does not go now is tried again with the next sweep; meanwhile its rows go one by one.
 */
export async function dropMonths(
  context: WriterContext,
  reads: Reads,
  { now, fallback }: RetentionRequest,
): Promise<readonly string[]> {
  const [shortest] = await reads.rows<{ days: number | null }>(DROP_MONTHS_SQL.shortest, []);
  const days = Math.min(...[shortest?.days, fallback.days].filter((one) => typeof one === "number"));
  if (!Number.isFinite(days)) return [];
  const chosen = { retentionDays: days, retentionContentDays: null };
  const rows = await reads.rows<{ name: string }>(DROP_MONTHS_SQL.months, []);
  const months = rows
    .map(({ name }) => monthOfPartition(name))
    .filter((month) => month !== null)
    .filter((month) => isPast(month, chosen, fallback, now))
    .toSorted((a, b) => a.endsAtMs - b.endsAtMs);
  const dropped: string[] = [];
  for (const month of months) {
    try {
      if (!(await isOver(reads, month, fallback, now))) continue;
      if (await drop(context, month)) dropped.push(month.suffix);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error; // busy: its turn comes again
    }
  }
  return dropped;
}

type Choice = Pick<CustomerChoice, "retentionDays" | "retentionContentDays">;

function isPast(
  month: ArchiveMonth,
  choice: Choice,
  fallback: RetentionDefault,
  now: RetentionRequest["now"],
): boolean {
  const { messagesBefore } = limitsOf(choice, fallback, now);
  return messagesBefore !== null && month.endsAtMs * MICROS_PER_MS <= messagesBefore;
}

async function isOver(
  reads: Reads,
  month: ArchiveMonth,
  fallback: RetentionDefault,
  now: RetentionRequest["now"],
): Promise<boolean> {
  for (const table of ["messages", "deleted_messages"]) {
    const customers = await reads.rows<CustomerChoice>(
      DROP_MONTHS_SQL.customersIn(`${table}_${month.suffix}`),
      [],
    );
    if (!customers.every((customer) => isPast(month, customer, fallback, now))) return false;
  }
  const [found] = await reads.rows<{ open: boolean }>(DROP_MONTHS_SQL.isOpen, [month.from, month.until]);
  return found?.open === false;
}

/** False when somebody has put an old event on its way again. */
async function drop({ database }: WriterContext, month: ArchiveMonth): Promise<boolean> {
  const partitions = ARCHIVE_TABLES.map((table) => `${table}_${month.suffix}`);
  for (let left = TRIES - 1; ; left--) {
    try {
      return await database.transaction(async (session) => {
        await session.run({ name: "", text: BRIEFLY }, []);
        const locks = `LOCK TABLE ONLY ${ARCHIVE_TABLES.join(", ONLY ")} IN ACCESS EXCLUSIVE MODE`;
        await session.run({ name: "", text: locks }, []);
        // A replay reads events before it writes deliveries: with the locks held, none is half done.
        const range = [month.from, month.until];
        const [found] = await session.rows<{ open: boolean }>(DROP_MONTHS_SQL.isReplayed, range);
        if (found?.open !== false) return false;
        await session.run({ name: "", text: `DROP TABLE IF EXISTS ${partitions.join(", ")}` }, []);
        return true;
      });
    } catch (error) {
      if (left <= 0 || !(error instanceof StoreUnavailable)) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
