import { type CarrierId, type CustomerId, isUuid, type MessageId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { TrailEntry } from "../../domain/trail.ts";
import type { HeldPage, HeldQuery, HeldTarget } from "../holding.ts";
import { columnToAddress } from "./address-column.ts";
import type { Reads } from "./message-rows.ts";
import { keyColumns } from "./target-rows.ts";

/** Held rows that one call looks at for a single customer's. */
const ROWS_LOOKED_AT = 5_000;

/** Comes before every target, and after every carrier: an id is neither. */
const FIRST_ID = "00000000-0000-0000-0000-000000000000";
const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

export const HELD_SQL = {
  /** Along the index of what is held, however long the queues are. */
  page: {
    name: "held_page",
    text: `
    SELECT q.carrier_id, q.message_id, q.n, q.customer_id, q.due_at, q.expires_at, q.attempts FROM queue q
    WHERE q.held AND (q.carrier_id, q.message_id, q.n) > ($1::uuid, $2::uuid, $3::integer) AND q.carrier_id <= $4::uuid
    ORDER BY q.carrier_id, q.message_id, q.n LIMIT $5`,
  },
  targets: {
    name: "held_trails",
    text: `
    SELECT t.message_id, t.n, t.destination, t.trail FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS u (c, m, n)
      JOIN targets t ON t.customer_id = u.c AND t.message_id = u.m AND t.n = u.n`,
  },
} as const;

interface HeldRow {
  readonly carrier_id: string;
  readonly message_id: string;
  readonly n: number;
  readonly customer_id: string;
  readonly due_at: number;
  readonly expires_at: number;
  readonly attempts: number;
}

interface TrailRow {
  readonly message_id: string;
  readonly n: number;
  readonly destination: string;
  readonly trail: string;
}

/** What is held, and where to go on. */
export async function heldTargets(reads: Reads, query: HeldQuery): Promise<HeldPage> {
  const { carrierId, customerId, after, limit } = query;
  if (!isUuid(carrierId ?? FIRST_ID) || !isUuid(customerId ?? FIRST_ID)) return { targets: [], next: null };
  const from = after ?? { carrierId: carrierId ?? FIRST_ID, messageId: FIRST_ID, n: -1 };
  const most = customerId === null ? limit : ROWS_LOOKED_AT;
  const values = [from.carrierId, from.messageId, from.n, carrierId ?? LAST_ID, most];
  const rows = await reads.rows<HeldRow>(HELD_SQL.page, values);
  const wanted = rows.filter((row) => customerId === null || row.customer_id === customerId.toLowerCase());
  const listed = wanted.slice(0, limit);
  const cut = wanted.length >= limit ? listed.at(-1) : undefined;
  const last = cut ?? (rows.length === most ? rows.at(-1) : undefined);
  return { targets: await withTrails(reads, listed), next: last === undefined ? null : placeOf(last) };
}

async function withTrails(reads: Reads, rows: readonly HeldRow[]): Promise<readonly HeldTarget[]> {
  if (rows.length === 0) return [];
  const keys = keyColumns(rows.map((row) => ({ ...placeOf(row), customerId: row.customer_id })));
  const trails = await reads.rows<TrailRow>(HELD_SQL.targets, keys);
  const byPlace = new Map(trails.map((row) => [`${row.message_id} ${row.n}`, row]));
  return rows.flatMap((row) => {
    const found = byPlace.get(`${row.message_id} ${row.n}`);
    return found === undefined ? [] : [heldOf(row, found)]; // it ended meanwhile, and was removed
  });
}

/** The ids are those of id columns. */
function placeOf({ carrier_id, message_id, n }: HeldRow) {
  return { carrierId: carrier_id as CarrierId, messageId: message_id as MessageId, n };
}

function heldOf(row: HeldRow, { destination, trail }: TrailRow): HeldTarget {
  return {
    ...placeOf(row),
    customerId: row.customer_id as CustomerId, // a customer_id column
    heldAt: micros(row.due_at),
    expiresAt: micros(row.expires_at),
    attempts: row.attempts,
    destination: columnToAddress(destination).target,
    trail: JSON.parse(`[${trail}]`) as TrailEntry[], // only trailColumn writes it
  };
}
