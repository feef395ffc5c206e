import type { CustomerId, EndpointId, EventId, MessageId } from "../../domain/ids.ts";
import type { Delivery, DeliveryClaim } from "../announcing.ts";
import { ids } from "./array-literals.ts";
import { EVENT_CODES, wordOf } from "./column-codes.ts";
import type { Session } from "./connection.ts";
import { readMessages } from "./message-rows.ts";
import { SETTLE_DELIVERIES_SQL } from "./settle-deliveries.ts";
import type { WriterContext } from "./writer-context.ts";

/** A claim ends early once its messages have this many targets together, or its kept bodies this many characters. */
const CLAIM_MAX_TARGETS = 5_000;
const CLAIM_MAX_CHARACTERS = 4_000_000;

export const CLAIM_DELIVERIES_SQL = {
  /** Due deliveries of one endpoint; what another claim holds is stepped over. Their lease is their next due time. */
  claim: {
    name: "deliveries_claim",
    text: `
    WITH picked AS (
      SELECT message_id, event_id, due_at AS was_due FROM deliveries
      WHERE endpoint_id = $1 AND NOT blocked AND due_at <= $2 ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED
    )
    UPDATE deliveries d SET due_at = $3 FROM picked p
    WHERE d.endpoint_id = $1 AND d.message_id = p.message_id AND d.event_id = p.event_id
    RETURNING d.customer_id, d.message_id, d.event_id, d.attempts, d.body, p.was_due`,
  },
  /** Closes the events and reads what they have absorbed until now. */
  close: {
    name: "deliveries_close",
    text: `
    UPDATE events e SET open = false FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS u (c, m, e)
    WHERE e.customer_id = u.c AND e.message_id = u.m AND e.event_id = u.e AND e.open`,
  },
  events: {
    name: "deliveries_events",
    text: `
    SELECT e.event_id, e.type, e.version, e.changed FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS u (c, m, e)
      JOIN events e ON e.customer_id = u.c AND e.message_id = u.m AND e.event_id = u.e`,
  },
  /** Gives back what did not fit. */
  unclaim: {
    name: "deliveries_unclaim",
    text: `
    UPDATE deliveries d SET due_at = $4 FROM unnest($2::uuid[], $3::uuid[]) AS u (m, e)
    WHERE d.endpoint_id = $1 AND d.message_id = u.m AND d.event_id = u.e`,
  },
} as const;

interface ClaimedRow {
  readonly customer_id: string;
  readonly message_id: string;
  readonly event_id: string;
  readonly attempts: number;
  readonly body: string | null;
  readonly was_due: number;
}

interface EventRow {
  readonly event_id: string;
  readonly type: number;
  readonly version: number;
  readonly changed: string;
}

/** Leases due deliveries, closes their events, and adds what the first attempt renders. Claims of a pile one by one. */
export function claimDeliveries(
  { database }: WriterContext,
  pile: readonly DeliveryClaim[],
): Promise<readonly (readonly Delivery[])[]> {
  return database.transaction(async (session) => {
    const answers: Delivery[][] = [];
    for (const claim of pile) answers.push(await claimOne(session, claim));
    return answers;
  });
}

async function claimOne(session: Session, { endpointId, now, leaseUntil, limit }: DeliveryClaim) {
  const claimed = await session.rows<ClaimedRow>(CLAIM_DELIVERIES_SQL.claim, [
    endpointId,
    now,
    leaseUntil,
    limit,
  ]);
  if (claimed.length === 0) return [];
  const rows = claimed.toSorted((a, b) => a.was_due - b.was_due || (a.message_id < b.message_id ? -1 : 1));
  const columns = columnsOf(rows);
  await session.run(CLAIM_DELIVERIES_SQL.close, columns);
  const events = await session.rows<EventRow>(CLAIM_DELIVERIES_SQL.events, columns);
  if (events.length < rows.length) await dropLost(session, endpointId, rows, events);
  const byId = new Map(events.map((event) => [event.event_id, event]));
  const unrendered = rows.filter(({ body }) => body === null);
  const messages = await readMessages(session, unrendered.map(messageRefOf), true);
  const deliveries: Delivery[] = [];
  let weight = 0;
  for (const row of rows) {
    const event = byId.get(row.event_id);
    const message = row.body === null ? (messages.get(row.message_id) ?? null) : null;
    if (event === undefined || (row.body === null && message === null)) continue;
    if (weight >= 1) break;
    weight +=
      message === null
        ? (row.body?.length ?? 0) / CLAIM_MAX_CHARACTERS
        : message.targets.length / CLAIM_MAX_TARGETS;
    deliveries.push({ ...deliveryOf(endpointId, row, event), body: row.body, message });
  }
  if (weight >= 1) await unclaim(session, endpointId, now, rows, deliveries);
  return deliveries;
}

/** What is to be told of a message that is gone is told to nobody. */
async function dropLost(
  session: Session,
  endpointId: EndpointId,
  rows: readonly ClaimedRow[],
  events: readonly EventRow[],
): Promise<void> {
  const known = new Set(events.map((event) => event.event_id));
  const lost = rows.filter((row) => !known.has(row.event_id));
  await session.run(SETTLE_DELIVERIES_SQL.remove, [
    ids(lost.map(() => endpointId)),
    ids(lost.map((row) => row.message_id)),
    ids(lost.map((row) => row.event_id)),
  ]);
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

function deliveryOf(endpointId: EndpointId, row: ClaimedRow, event: EventRow) {
  const customerId = row.customer_id as CustomerId; // a customer_id column
  const messageId = row.message_id as MessageId; // a message_id column
  const id = row.event_id as EventId; // an event_id column
  const { version } = event;
  const changed = event.changed === "" ? [] : event.changed.split(",").map(Number);
  const type = wordOf(EVENT_CODES, event.type);
  return {
    endpointId,
    messageId,
    eventId: id,
    event: { id, customerId, messageId, type, version, changed },
    attempts: row.attempts,
  };
}
