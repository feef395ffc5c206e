import type { InFlightMark } from "../queueing.ts";
import { ids, numbers, texts } from "./array-literals.ts";
import type { WriterContext } from "./writer-context.ts";

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
    RETURNING l.carrier_id, l.message_id, l.n`,
  },
  /** After a commit of unknown outcome: what bears exactly this mark was marked by it. */
  marked: {
    name: "marked",
    text: `
    SELECT l.carrier_id, l.message_id, l.n
    FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::integer[], $6::bigint[], $7::bigint[])
      AS u (k, m, n, node, bind, epoch, at) CROSS JOIN LATERAL (
        SELECT * FROM leased WHERE carrier_id = u.k AND message_id = u.m AND n = u.n OFFSET 0) AS l
    WHERE l.node = u.node AND l.marked_at = u.at AND l.bind = u.bind AND l.epoch = u.epoch`,
  },
} as const;

interface MarkedRow {
  readonly carrier_id: string;
  readonly message_id: string;
  readonly n: number;
}

/** Marks leased targets in flight, a pile in one statement. */
export async function markInFlight(
  { database }: WriterContext,
  pile: readonly (readonly InFlightMark[])[],
  isRepeat: boolean,
): Promise<readonly (readonly boolean[])[]> {
  const first = new Map<string, InFlightMark>();
  for (const mark of pile.flat()) {
    const place = placeOfMark(mark.carrierId, mark.messageId, mark.n);
    if (!first.has(place)) first.set(place, mark);
  }
  const columns = columnsOf([...first.values()]);
  const rows = isRepeat ? await database.look<MarkedRow>(MARK_SQL.marked, columns) : [];
  rows.push(...(await database.write<MarkedRow>(MARK_SQL.mark, columns)));
  const marked = new Set(rows.map(({ carrier_id, message_id, n }) => placeOfMark(carrier_id, message_id, n)));
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

function placeOfMark(carrierId: string, messageId: string, n: number): string {
  return `${carrierId} ${messageId} ${n}`;
}
