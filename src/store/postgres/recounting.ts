import type { CustomerId, EndpointId, EventId, MessageId } from "../../domain/ids.ts";
import { isUuid } from "../../domain/ids.ts";
import type { MessageEvent } from "../../domain/event.ts";
import { micros } from "../../domain/micros.ts";
import type { TrailEntry } from "../../domain/trail.ts";
import type { AuditEntry, LoggedAttempt, Recount, RecountStore } from "../recounting.ts";
import { ids } from "./array-literals.ts";
import { EVENT_CODES, wordOf } from "./column-codes.ts";
import type { Reads } from "./message-rows.ts";
import { beforeOf } from "./read-directory.ts";
import { getMessageDeletedToo, READ_MESSAGES_SQL } from "./read-messages.ts";
import { replayEvents } from "./replay-events.ts";
import type { WriterContext } from "./writer-context.ts";

/** Events and attempts of one message that are told at most: more than a message of 1,000 targets comes to. */
const ROWS_AT_MOST = 10_000;
const ATTEMPTS_OF_EVENT_AT_MOST = 1_000;

const EVENT_COLUMNS = "e.event_id, e.customer_id, e.message_id, e.type, e.version, e.changed";
const ATTEMPT_COLUMNS = `${EVENT_COLUMNS}, a.endpoint_id, a.n, a.at, a.took_ms, a.status_code, a.error, a.answer`;

/** Looked up for each attempt: a plain join might be planned as a walk through all the events that the customer has. */
const WITH_EVENT = `
      CROSS JOIN LATERAL (
        SELECT event_id, customer_id, message_id, type, version, changed FROM events v
        WHERE v.customer_id = a.customer_id AND v.message_id = a.message_id AND v.event_id = a.event_id LIMIT 1) e`;

export const RECOUNT_SQL = {
  trails: {
    name: "recount_trails",
    text: "SELECT n, trail FROM targets WHERE customer_id = $1 AND message_id = $2 ORDER BY n",
  },
  events: {
    name: "recount_events",
    text: `
    SELECT ${EVENT_COLUMNS} FROM events e WHERE e.customer_id = $1 AND e.message_id = $2 ORDER BY e.event_id
    LIMIT ${ROWS_AT_MOST}`,
  },
  attempts: {
    name: "recount_attempts",
    text: `
    SELECT ${ATTEMPT_COLUMNS} FROM attempts a ${WITH_EVENT}
    WHERE a.customer_id = $1 AND a.message_id = $2 ORDER BY a.event_id, a.endpoint_id, a.n LIMIT ${ROWS_AT_MOST}`,
  },
  log: {
    name: "attempts_of_customer",
    text: `
    SELECT ${ATTEMPT_COLUMNS} FROM attempts a ${WITH_EVENT}
    WHERE a.customer_id = $1 AND a.event_id < $2 ORDER BY a.event_id DESC, a.at DESC LIMIT $3`,
  },
  logOfEndpoint: {
    name: "attempts_of_endpoint",
    text: `
    SELECT ${ATTEMPT_COLUMNS} FROM attempts a ${WITH_EVENT}
    WHERE a.customer_id = $1 AND a.endpoint_id = $4 AND a.event_id < $2 ORDER BY a.event_id DESC, a.at DESC LIMIT $3`,
  },
  logOfEvent: {
    name: "attempts_of_event",
    text: `
    SELECT ${ATTEMPT_COLUMNS} FROM attempts a ${WITH_EVENT}
    WHERE a.customer_id = $1 AND a.message_id = $2 AND a.event_id = $3 ORDER BY a.at DESC
    LIMIT ${ATTEMPTS_OF_EVENT_AT_MOST}`,
  },
  eventsAfter: {
    name: "events_after",
    text: `
    SELECT ${EVENT_COLUMNS}, e.open FROM events e WHERE e.customer_id = $1 AND e.event_id > $2 ORDER BY e.event_id LIMIT $3`,
  },
  close: {
    name: "events_close",
    text: `
    UPDATE events e SET open = false FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS u (c, m, e)
    WHERE e.customer_id = u.c AND e.message_id = u.m AND e.event_id = u.e AND e.open`,
  },
  appendAudit: {
    name: "audit_append",
    text: "INSERT INTO audit (audit_id, at, by_customer, what, target, detail) VALUES ($1, $2, $3, $4, $5, $6)",
  },
  listAudit: {
    name: "audit_list",
    text: `
    SELECT audit_id, at, by_customer, what, target, detail FROM audit
    WHERE audit_id < $1 ORDER BY audit_id DESC LIMIT $2`,
  },
} as const;

interface EventRow {
  readonly event_id: string;
  readonly customer_id: string;
  readonly message_id: string;
  readonly type: number;
  readonly version: number;
  readonly changed: string;
}

interface FedRow extends EventRow {
  readonly open: boolean;
}

interface AttemptRow extends EventRow {
  readonly endpoint_id: string;
  readonly n: number;
  readonly at: number;
  readonly took_ms: number;
  readonly status_code: number | null;
  readonly error: string;
  readonly answer: string;
}

interface AuditRow {
  readonly audit_id: string;
  readonly at: number;
  readonly by_customer: string;
  readonly what: string;
  readonly target: string;
  readonly detail: string;
}

/** A message's way, the attempt log, the feed of events and the audit log. */
export function createRecounting(context: WriterContext, reads: Reads): RecountStore {
  const { database } = context;
  return {
    recount: ({ customerId, messageId }) => readRecount(reads, customerId, messageId),
    listAttempts: (query) => listAttempts(reads, query),
    async listEvents(customerId, after, limit) {
      if (!isUuid(customerId) || !isUuid(after)) return [];
      const rows = await reads.rows<FedRow>(RECOUNT_SQL.eventsAfter, [customerId, after, limit]);
      return rows.map((row) => ({ ...eventOf(row), isOpen: row.open }));
    },
    getMessageDeletedToo: (key) => getMessageDeletedToo(reads, key),
    async closeEvents(events) {
      // As whoever writes events takes them (event-folder.ts): in another order each would wait for the other.
      const sorted = events.toSorted((a, b) => (a.messageId + a.id < b.messageId + b.id ? -1 : 1));
      const columns = [
        ids(sorted.map(({ customerId }) => customerId)),
        ids(sorted.map(({ messageId }) => messageId)),
        ids(sorted.map(({ id }) => id)),
      ];
      await database.transaction((session) => session.run(RECOUNT_SQL.close, columns));
    },
    replayEvents: (request) => replayEvents(context, request),
    async appendAudit({ id, at, by, what, on, detail }) {
      const values = [id, at, by, what, on, JSON.stringify(detail)];
      await database.transaction((session) => session.run(RECOUNT_SQL.appendAudit, values));
    },
    async listAudit(before, limit) {
      const high = beforeOf({ before });
      if (high === null) return [];
      return (await reads.rows<AuditRow>(RECOUNT_SQL.listAudit, [high, limit])).map(auditOf);
    },
  };
}

async function readRecount(session: Reads, customerId: string, messageId: string): Promise<Recount | null> {
  if (!isUuid(customerId) || !isUuid(messageId)) return null;
  const key = [customerId, messageId];
  if ((await session.rows(READ_MESSAGES_SQL.exists, key)).length === 0) return null;
  const trails = await session.rows<{ n: number; trail: string }>(RECOUNT_SQL.trails, key);
  return {
    trails: trails.map(({ n, trail }) => ({ n, trail: JSON.parse(`[${trail}]`) as TrailEntry[] })), // only trailColumn writes it
    events: (await session.rows<EventRow>(RECOUNT_SQL.events, key)).map(eventOf),
    attempts: (await session.rows<AttemptRow>(RECOUNT_SQL.attempts, key)).map(attemptOf),
  };
}

/**
 * A page of the attempt log, newest event first. Its last event comes with all its attempts, so that the next page can begin
 * before it; the page may be longer than asked for by those.
 */
async function listAttempts(
  session: Reads,
  { customerId, endpointId, before, limit }: Parameters<RecountStore["listAttempts"]>[0],
): Promise<readonly LoggedAttempt[]> {
  const high = beforeOf({ before });
  if (high === null || !isUuid(customerId) || (endpointId !== null && !isUuid(endpointId))) return [];
  const rows =
    endpointId === null
      ? await session.rows<AttemptRow>(RECOUNT_SQL.log, [customerId, high, limit])
      : await session.rows<AttemptRow>(RECOUNT_SQL.logOfEndpoint, [customerId, high, limit, endpointId]);
  const last = rows.at(-1);
  if (last === undefined || rows.length < limit) return rows.map(attemptOf);
  const key = [customerId, last.message_id, last.event_id];
  const whole = await session.rows<AttemptRow>(RECOUNT_SQL.logOfEvent, key);
  const wanted = whole.filter((row) => endpointId === null || row.endpoint_id === endpointId);
  return [...rows.filter((row) => row.event_id !== last.event_id), ...wanted].map(attemptOf);
}

function eventOf(row: EventRow): MessageEvent {
  return {
    id: row.event_id as EventId, // an event_id column
    customerId: row.customer_id as CustomerId, // a customer_id column
    messageId: row.message_id as MessageId, // a message_id column
    type: wordOf(EVENT_CODES, row.type),
    version: row.version,
    changed: row.changed === "" ? [] : row.changed.split(",").map(Number),
  };
}

function attemptOf(row: AttemptRow): LoggedAttempt {
  return {
    event: eventOf(row),
    endpointId: row.endpoint_id as EndpointId, // an endpoint_id column
    attempt: row.n,
    at: micros(row.at),
    tookMs: row.took_ms,
    statusCode: row.status_code,
    error: row.error,
    answer: row.answer,
  };
}

function auditOf(row: AuditRow): AuditEntry {
  return {
    id: row.audit_id,
    at: micros(row.at),
    by: row.by_customer as CustomerId, // a customer's id
    what: row.what,
    on: row.target,
    detail: JSON.parse(row.detail) as AuditEntry["detail"], // only appendAudit writes it
  };
}
