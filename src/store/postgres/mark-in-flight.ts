import type { InFlightMark } from "../queueing.ts";
import { columnToAddress } from "./address-column.ts";
import { ids, numbers, texts } from "./array-literals.ts";
import { dropOptedOut } from "./drop-opted-out.ts";
import { keyColumns, placeOf } from "./target-rows.ts";
import type { WriterContext } from "./writer-context.ts";

/**
 * Whether the customer of a row is one of those with an opt-out that began after the oldest of his messages here. Asked once for
 * each customer, not for each row; one that was lifted counts as well, for the key of those alone is by age.
 */
const IS_DOUBTFUL = `l.customer_id = ANY (ARRAY(
      SELECT v.c FROM unnest($8::uuid[], $9::uuid[]) AS v (c, oldest)
      WHERE (SELECT true FROM opt_outs o WHERE o.customer_id = v.c AND o.opt_out_id > v.oldest
        ORDER BY o.opt_out_id DESC LIMIT 1))) AS is_doubtful`;

export const MARK_SQL = {
  /** One update in place each, for no index covers what it changes. */
  mark: {
    name: "mark",
    text: `
    UPDATE leased l SET marked_at = u.at, bind = u.bind, epoch = u.epoch, attempts = l.attempts + 1
    FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::integer[], $6::bigint[], $7::bigint[])
      AS u (k, m, n, node, bind, epoch, at) CROSS JOIN LATERAL (
        SELECT ctid FROM leased WHERE carrier_id = u.k AND message_id = u.m AND n = u.n OFFSET 0) AS f (place)
    WHERE l.ctid = f.place AND l.node = u.node AND l.marked_at IS NULL AND l.expires_at > u.at
    RETURNING l.carrier_id, l.message_id, l.n, ${IS_DOUBTFUL}`,
  },
  /** After a commit of unknown outcome: what bears exactly this mark was marked by it. */
  marked: {
    name: "marked",
    text: `
    SELECT l.carrier_id, l.message_id, l.n, ${IS_DOUBTFUL}
    FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::integer[], $6::bigint[], $7::bigint[])
      AS u (k, m, n, node, bind, epoch, at) CROSS JOIN LATERAL (
        SELECT * FROM leased WHERE carrier_id = u.k AND message_id = u.m AND n = u.n OFFSET 0) AS l
    WHERE l.node = u.node AND l.marked_at = u.at AND l.bind = u.bind AND l.epoch = u.epoch`,
  },
  /** From where to where targets go. */
  addresses: {
    name: "mark_addresses",
    text: `
    SELECT t.message_id, t.n, t.destination, coalesce(m.source, d.source) AS source
    FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS u (c, m, n)
      JOIN targets t ON t.customer_id = u.c AND t.message_id = u.m AND t.n = u.n
      LEFT JOIN messages m ON m.customer_id = u.c AND m.message_id = u.m
      LEFT JOIN deleted_messages d ON d.customer_id = u.c AND d.message_id = u.m`,
  },
} as const;

interface AddressRow {
  readonly message_id: string;
  readonly n: number;
  readonly destination: string;
  readonly source: string;
}

interface MarkedRow {
  readonly carrier_id: string;
  readonly message_id: string;
  readonly n: number;
  readonly is_doubtful: boolean;
}

/**
 * Marks leased targets in flight, a pile in one statement. One whose handset opted out while it waited in memory is ended, as by a
 * claim, and not marked to whoever asked. Here, and not when the opt-out begins: that would have to go through all that is
 * leased, for nothing leads from a handset to it.
 */
export async function markInFlight(
  context: WriterContext,
  pile: readonly (readonly InFlightMark[])[],
  isRepeat: boolean,
): Promise<readonly (readonly boolean[])[]> {
  const first = new Map<string, InFlightMark>();
  for (const mark of pile.flat()) {
    const place = placeOfMark(mark.carrierId, mark.messageId, mark.n);
    if (!first.has(place)) first.set(place, mark);
  }
  const { database } = context;
  const columns = [...columnsOf([...first.values()]), ...oldestOf([...first.values()])];
  const rows = isRepeat ? await database.look<MarkedRow>(MARK_SQL.marked, columns) : [];
  rows.push(...(await database.write<MarkedRow>(MARK_SQL.mark, columns)));
  const marked = new Set(rows.map(placeOfRow));
  const doubtful = rows.filter((row) => row.is_doubtful).flatMap((row) => first.get(placeOfRow(row)) ?? []);
  for (const { carrierId, messageId, n } of await dropOptedOut(context, await addressed(context, doubtful)))
    marked.delete(placeOfMark(carrierId, messageId, n));
  return pile.map((marks) =>
    marks.map((mark) => marked.delete(placeOfMark(mark.carrierId, mark.messageId, mark.n))),
  );
}

function columnsOf(marks: readonly InFlightMark[]): string[] {
  return [
    ids(marks.map(({ carrierId }) => carrierId)),
    ids(marks.map(({ messageId }) => messageId)),
    numbers(marks.map(({ n }) => n)),
    texts(marks.map(({ node }) => node)),
    numbers(marks.map(({ bind }) => bind)),
    numbers(marks.map(({ epoch }) => epoch)),
    numbers(marks.map(({ at }) => at)),
  ];
}

/** Two columns: each customer with the oldest of his messages. */
function oldestOf(marks: readonly InFlightMark[]): string[] {
  const oldest = new Map<string, string>();
  for (const { customerId, messageId } of marks) {
    const known = oldest.get(customerId);
    if (known === undefined || messageId < known) oldest.set(customerId, messageId);
  }
  return [ids([...oldest.keys()]), ids([...oldest.values()])];
}

async function addressed({ database }: WriterContext, marks: readonly InFlightMark[]) {
  if (marks.length === 0) return [];
  const rows = await database.read<AddressRow>(MARK_SQL.addresses, keyColumns(marks));
  const known = new Map(
    rows.map((row) => [placeOf({ customerId: "", messageId: row.message_id, n: row.n }), row]),
  );
  return marks.flatMap((mark) => {
    const row = known.get(placeOf(mark));
    if (row === undefined) return [];
    return [{ ...mark, source: columnToAddress(row.source), destination: columnToAddress(row.destination) }];
  });
}

function placeOfRow({ carrier_id, message_id, n }: MarkedRow): string {
  return placeOfMark(carrier_id, message_id, n);
}

function placeOfMark(carrierId: string, messageId: string, n: number): string {
  return `${carrierId} ${messageId} ${n}`;
}
