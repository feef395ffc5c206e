import type { CustomerId, EndpointId, EventId, MessageId } from "../../domain/ids.ts";
import type { Message } from "../../domain/message.ts";
import type { Delivery, DeliveryClaim } from "../announcing.ts";
import { ids } from "./array-literals.ts";
import { EVENT_CODES, wordOf } from "./column-codes.ts";
import type { Database, Session } from "./connection.ts";
import { type FirstMessages, readFirstMessages } from "./message-rows.ts";
import { ERASED_BODY, SETTLE_DELIVERIES_SQL } from "./settle-deliveries.ts";
import { Wakes } from "./wakes.ts";
import type { WriterContext } from "./writer-context.ts";

/** As many of what is left of an endpoint that is gone go with one claim: nobody waits for a million. */
const LEFTOVERS_AT_ONCE = 5_000;

/** A claim ends early once the targets of its messages weigh this much (page-weight.ts), or its kept bodies have this many bytes. */
export const CLAIM_MAX_TARGETS = 5_000;
export const CLAIM_MAX_BODY_BYTES = 4_000_000;

export const CLAIM_DELIVERIES_SQL = {
  /**
   * Due deliveries of one endpoint, with what their events have absorbed until now. Their lease is their next due time. What
   * another claim holds is stepped over, and so are events that somebody is writing to: whoever absorbs holds the event and
   * waits for its delivery, and would wait for this claim for ever. Of kept bodies it tells the size, which is known without
   * reading them.
   */
  claim: {
    name: "deliveries_claim",
    text: `
    WITH due AS (
      SELECT ctid AS place, due_at AS was_due, customer_id, message_id, event_id FROM deliveries
      WHERE endpoint_id = $1 AND NOT blocked AND due_at <= $2 ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED
    ), picked AS (
      SELECT due.place, due.was_due, e.* FROM due LEFT JOIN LATERAL (
        SELECT type, version, changed FROM events
        WHERE customer_id = due.customer_id AND message_id = due.message_id AND event_id = due.event_id
        FOR NO KEY UPDATE SKIP LOCKED) AS e ON true
      WHERE e.type IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM events
        WHERE customer_id = due.customer_id AND message_id = due.message_id AND event_id = due.event_id)
    )
    UPDATE deliveries d SET due_at = $3 FROM picked p WHERE d.ctid = p.place
    RETURNING d.customer_id, d.message_id, d.event_id, d.attempts, octet_length(nullif(d.body, '${ERASED_BODY}')) AS body_bytes,
      p.was_due, p.type, p.version, p.changed,
      EXISTS (SELECT 1 FROM endpoints WHERE endpoint_id = $1) AS has_endpoint`,
  },
  bodies: {
    name: "deliveries_bodies",
    text: `
    SELECT d.event_id, d.body FROM unnest($2::uuid[], $3::uuid[]) AS u (m, e) CROSS JOIN LATERAL (
      SELECT event_id, body FROM deliveries WHERE endpoint_id = $1 AND message_id = u.m AND event_id = u.e OFFSET 0) AS d`,
  },
  /** Waits for nobody, for it holds events: what another holds goes with a later claim. */
  drop: {
    name: "deliveries_drop",
    text: `
    WITH leftover AS (
      SELECT ctid AS place FROM deliveries WHERE endpoint_id = $1
      ORDER BY message_id, event_id LIMIT ${LEFTOVERS_AT_ONCE} FOR UPDATE SKIP LOCKED
    )
    DELETE FROM deliveries d USING leftover l WHERE d.ctid = l.place`,
  },
  /** Closes events: what is told now absorbs no more. */
  close: {
    name: "deliveries_close",
    text: `
    UPDATE events e SET open = false FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS u (c, m, e)
    WHERE e.customer_id = u.c AND e.message_id = u.m AND e.event_id = u.e AND e.open`,
  },
  /** Gives back what did not fit. */
  unclaim: {
    name: "deliveries_unclaim",
    text: `
    UPDATE deliveries d SET due_at = $4 FROM unnest($2::uuid[], $3::uuid[]) AS u (m, e) CROSS JOIN LATERAL (
      SELECT ctid FROM deliveries WHERE endpoint_id = $1 AND message_id = u.m AND event_id = u.e OFFSET 0) AS f (place)
    WHERE d.ctid = f.place`,
  },
} as const;

interface ClaimedRow {
  readonly customer_id: string;
  readonly message_id: string;
  readonly event_id: string;
  readonly attempts: number;
  /** Null without a kept body. */
  readonly body_bytes: number | null;
  readonly was_due: number;
  /** Null, as the two that follow, where the event is gone. */
  readonly type: number | null;
  readonly version: number;
  readonly changed: string;
  readonly has_endpoint: boolean;
}

type ClaimContext = Pick<WriterContext, "tell"> & { readonly database: Pick<Database, "transaction"> };

/** Leases due deliveries, closes their events, and adds what the first attempt renders. Claims of a pile one by one. */
export async function claimDeliveries(
  { database, tell }: ClaimContext,
  pile: readonly DeliveryClaim[],
): Promise<readonly (readonly Delivery[])[]> {
  const wakes = new Wakes();
  const claimed = await database.transaction(async (session) => {
    const answers: Delivery[][] = [];
    for (const claim of pile) answers.push(await claimOne(session, claim, wakes));
    return answers;
  });
  tell(wakes);
  return claimed;
}

async function claimOne(
  session: Session,
  { endpointId, now, leaseUntil, limit }: DeliveryClaim,
  wakes: Wakes,
): Promise<Delivery[]> {
  const claimed = await session.rows<ClaimedRow>(CLAIM_DELIVERIES_SQL.claim, [
    endpointId,
    now,
    leaseUntil,
    limit,
  ]);
  if (claimed.length === 0) return [];
  if (claimed[0]?.has_endpoint === false) {
    // A commit that overlapped the endpoint's removal left them behind, or a process that died in it.
    session.withNext(CLAIM_DELIVERIES_SQL.drop, [endpointId]);
    return [];
  }
  const rows = claimed.toSorted((a, b) => a.was_due - b.was_due || (a.message_id < b.message_id ? -1 : 1));
  const unrendered = rows.filter((row) => row.body_bytes === null).map(messageRefOf);
  const { fitting, lost } = cutToFit(rows, await readFirstMessages(session, unrendered, CLAIM_MAX_TARGETS));
  if (lost.length > 0) dropLost(session, endpointId, lost, wakes);
  if (fitting.length + lost.length < rows.length) unclaim(session, endpointId, now, rows, fitting);
  session.withNext(CLAIM_DELIVERIES_SQL.close, columnsOf(fitting.map(({ row }) => row)));
  const bodies = await readBodies(session, endpointId, fitting);
  return fitting.map(({ row, type, message }) => {
    const body = bodies.get(row.event_id) ?? null;
    return { ...deliveryOf(endpointId, row, type), body, message };
  });
}

/** A delivery that its claim has room for. */
interface Fitting {
  readonly row: ClaimedRow;
  readonly type: number;
  readonly message: Message | null;
}

/** Takes as many as a claim may hold; `lost` are those on the way there that have nothing to tell any more. */
function cutToFit(
  rows: readonly ClaimedRow[],
  { messages, cut }: FirstMessages,
): { readonly fitting: readonly Fitting[]; readonly lost: readonly ClaimedRow[] } {
  const [fitting, lost]: [Fitting[], ClaimedRow[]] = [[], []];
  let weight = 0;
  for (const row of rows) {
    if (weight >= 1 || row.message_id === cut) break;
    const found = row.body_bytes === null ? messages.get(row.message_id) : null;
    if (row.type === null || found === undefined) {
      lost.push(row);
      continue;
    }
    weight +=
      found === null ? (row.body_bytes ?? 0) / CLAIM_MAX_BODY_BYTES : found.weight / CLAIM_MAX_TARGETS;
    fitting.push({ row, type: row.type, message: found?.message ?? null });
  }
  return { fitting, lost };
}

/** The kept bodies, by their events: those of deliveries that were attempted before. */
async function readBodies(
  session: Session,
  endpointId: EndpointId,
  fitting: readonly Fitting[],
): Promise<ReadonlyMap<string, string>> {
  const kept = fitting.flatMap(({ row }) => (row.body_bytes === null ? [] : [row]));
  if (kept.length === 0) return new Map();
  const rows = await session.rows<{ event_id: string; body: string }>(CLAIM_DELIVERIES_SQL.bodies, [
    endpointId,
    ids(kept.map((row) => row.message_id)),
    ids(kept.map((row) => row.event_id)),
  ]);
  return new Map(rows.map(({ event_id, body }) => [event_id, body]));
}

/** What is to be told of a message that is gone is told to nobody: it would come back after every lease. */
function dropLost(session: Session, endpointId: EndpointId, lost: readonly ClaimedRow[], wakes: Wakes): void {
  const [endpoints, messages] = [ids(lost.map(() => endpointId)), ids(lost.map((row) => row.message_id))];
  session.withNext(SETTLE_DELIVERIES_SQL.remove, [endpoints, messages, ids(lost.map((row) => row.event_id))]);
  session.withNext(SETTLE_DELIVERIES_SQL.release, [endpoints, messages]);
  wakes.deliveries(endpointId); // a claim that brings less than was due says that there is no more
}

function unclaim(
  session: Session,
  endpointId: EndpointId,
  now: number,
  rows: readonly ClaimedRow[],
  fitting: readonly Fitting[],
): void {
  const ours = new Set(fitting.map(({ row }) => row.event_id));
  const rest = rows.filter((row) => !ours.has(row.event_id));
  const names = [ids(rest.map((row) => row.message_id)), ids(rest.map((row) => row.event_id))];
  session.withNext(CLAIM_DELIVERIES_SQL.unclaim, [endpointId, ...names, now]);
}

function columnsOf(rows: readonly ClaimedRow[]): string[] {
  return [
    ids(rows.map((row) => row.customer_id)),
    ids(rows.map((row) => row.message_id)),
    ids(rows.map((row) => row.event_id)),
  ];
}

function messageRefOf(row: ClaimedRow) {
  return { customerId: row.customer_id, messageId: row.message_id };
}

function deliveryOf(endpointId: EndpointId, row: ClaimedRow, typeCode: number) {
  const customerId = row.customer_id as CustomerId; // a customer_id column
  const messageId = row.message_id as MessageId; // a message_id column
  const id = row.event_id as EventId; // an event_id column
  const { version } = row;
  const changed = row.changed === "" ? [] : row.changed.split(",").map(Number);
  const type = wordOf(EVENT_CODES, typeCode);
  return {
    endpointId,
    messageId,
    eventId: id,
    event: { id, customerId, messageId, type, version, changed },
    attempts: row.attempts,
  };
}
