import type { CustomerId, EndpointId, EventId, MessageId } from "../../domain/ids.ts";
import type { Delivery, DeliveryClaim } from "../announcing.ts";
import { ids } from "./array-literals.ts";
import { EVENT_CODES, wordOf } from "./column-codes.ts";
import type { Session } from "./connection.ts";
import { readMessagesAtOnce } from "./message-rows.ts";
import { ERASED_BODY, SETTLE_DELIVERIES_SQL } from "./settle-deliveries.ts";
import { Wakes } from "./wakes.ts";
import type { WriterContext } from "./writer-context.ts";

/** As many of what is left of an endpoint that is gone go with one claim: nobody waits for a million. */
const LEFTOVERS_AT_ONCE = 5_000;

/** A claim ends early once the targets of its messages weigh this much (page-weight.ts), or its kept bodies have this many characters. */
const CLAIM_MAX_TARGETS = 5_000;
const CLAIM_MAX_CHARACTERS = 4_000_000;

export const CLAIM_DELIVERIES_SQL = {
  /**
   * Due deliveries of one endpoint, with what their events have absorbed until now. Their lease is their next due time. What
   * another claim holds is stepped over, and so are events that somebody is writing to: whoever absorbs holds the event and
   * waits for its delivery, and would wait for this claim for ever.
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
    RETURNING d.customer_id, d.message_id, d.event_id, d.attempts, nullif(d.body, '${ERASED_BODY}') AS body,
      p.was_due, p.type, p.version, p.changed,
      EXISTS (SELECT 1 FROM endpoints WHERE endpoint_id = $1) AS has_endpoint`,
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
  readonly body: string | null;
  readonly was_due: number;
  /** Null, as the two that follow, where the event is gone. */
  readonly type: number | null;
  readonly version: number;
  readonly changed: string;
  readonly has_endpoint: boolean;
}

/** Leases due deliveries, closes their events, and adds what the first attempt renders. Claims of a pile one by one. */
export async function claimDeliveries(
  { database, tell }: WriterContext,
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
  const unrendered = rows.filter(({ body }) => body === null);
  session.withNext(CLAIM_DELIVERIES_SQL.close, columnsOf(rows));
  const messages = await readMessagesAtOnce(session, unrendered.map(messageRefOf));
  const lost = rows.filter(
    (row) => row.type === null || (row.body === null && !messages.has(row.message_id)),
  );
  if (lost.length > 0) dropLost(session, endpointId, lost, wakes);
  const deliveries: Delivery[] = [];
  let weight = 0;
  for (const row of rows) {
    const found = row.body === null ? (messages.get(row.message_id) ?? null) : null;
    if (row.type === null || (row.body === null && found === null)) continue;
    if (weight >= 1) break;
    weight +=
      found === null ? (row.body?.length ?? 0) / CLAIM_MAX_CHARACTERS : found.weight / CLAIM_MAX_TARGETS;
    const message = found?.message ?? null;
    deliveries.push({ ...deliveryOf(endpointId, row, row.type), body: row.body, message });
  }
  if (weight >= 1) await unclaim(session, endpointId, now, rows, deliveries);
  return deliveries;
}

/** What is to be told of a message that is gone is told to nobody: it would come back after every lease. */
function dropLost(session: Session, endpointId: EndpointId, lost: readonly ClaimedRow[], wakes: Wakes): void {
  const [endpoints, messages] = [ids(lost.map(() => endpointId)), ids(lost.map((row) => row.message_id))];
  session.withNext(SETTLE_DELIVERIES_SQL.remove, [endpoints, messages, ids(lost.map((row) => row.event_id))]);
  session.withNext(SETTLE_DELIVERIES_SQL.release, [endpoints, messages]);
  wakes.deliveries(endpointId); // a claim that brings less than was due says that there is no more
}

async function unclaim(
  session: Session,
  endpointId: EndpointId,
  now: number,
  rows: readonly ClaimedRow[],
  kept: readonly Delivery[],
): Promise<void> {
  const ours = new Set<string>(kept.map(({ eventId }) => eventId));
  const rest = rows.filter((row) => !ours.has(row.event_id));
  const names = [ids(rest.map((row) => row.message_id)), ids(rest.map((row) => row.event_id))];
  await session.run(CLAIM_DELIVERIES_SQL.unclaim, [endpointId, ...names, now]);
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
