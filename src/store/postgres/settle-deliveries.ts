import type { DeliverySettlement } from "../announcing.ts";
import { ids, numbers, texts } from "./array-literals.ts";
import type { Session } from "./connection.ts";
import { moveTargets } from "./unit-of-work.ts";
import type { Wakes } from "./wakes.ts";
import type { WriterContext } from "./writer-context.ts";

/** As for the queue (queue-rows.ts): found one by one, whatever the statistics say. */
const PLACE_OF_DELIVERY = `CROSS JOIN LATERAL (
        SELECT ctid FROM deliveries WHERE endpoint_id = u.w AND message_id = u.m AND event_id = u.e OFFSET 0) AS f (place)`;

/** Stands in a delivery whose message lost a number: it is rendered for each attempt anew, and no bytes are kept of it. */
export const ERASED_BODY = "";

export const SETTLE_DELIVERIES_SQL = {
  remove: {
    name: "deliveries_remove",
    text: `
    DELETE FROM deliveries d USING unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS u (w, m, e)
      ${PLACE_OF_DELIVERY}
    WHERE d.ctid = f.place
    RETURNING d.endpoint_id, d.event_id, d.attempts + d.logged AS attempts, d.body IS NOT DISTINCT FROM '${ERASED_BODY}' AS erased`,
  },
  /** An erased body stays erased: this one may be older than that. */
  retry: {
    name: "deliveries_retry",
    text: `
    UPDATE deliveries d SET attempts = d.attempts + 1, due_at = u.due, body = CASE d.body WHEN '${ERASED_BODY}' THEN d.body ELSE u.body END
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::bigint[], $6::text[])
      AS u (w, m, e, attempts, due, body)
      ${PLACE_OF_DELIVERY}
    WHERE d.ctid = f.place AND d.attempts = u.attempts
    RETURNING d.endpoint_id, d.event_id, d.attempts + d.logged - 1 AS attempts, u.attempts AS made,
      d.body = '${ERASED_BODY}' AS erased`,
  },
  /** Lets the earliest event of each message go that is left. */
  release: {
    name: "deliveries_release",
    text: `
    UPDATE deliveries d SET blocked = false FROM unnest($1::uuid[], $2::uuid[]) AS u (w, m) CROSS JOIN LATERAL (
      SELECT ctid FROM deliveries WHERE endpoint_id = u.w AND message_id = u.m ORDER BY event_id LIMIT 1) AS f (place)
    WHERE d.ctid = f.place AND d.blocked
    RETURNING d.endpoint_id`,
  },
  log: {
    name: "attempts_log",
    text: `
    INSERT INTO attempts (customer_id, message_id, event_id, endpoint_id, n, at, took_ms, status_code, error, answer)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::integer[], $6::bigint[],
      $7::double precision[], $8::integer[], $9::text[], $10::text[])
    ON CONFLICT DO NOTHING`,
  },
  keep: {
    name: "undelivered_keep",
    text: `
    INSERT INTO undelivered (customer_id, message_id, event_id, endpoint_id, at, body)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[])
    ON CONFLICT DO NOTHING`,
  },
} as const;

interface MovedRow {
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly attempts: number;
  /** Whether what was told may hold what was erased from the message since. */
  readonly erased: boolean;
  /** How many attempts the settlement says were made before; of a repeated delivery alone. */
  readonly made?: number;
}

/** A settlement of a delivery that is there, with its row as it was. */
interface Known {
  readonly settlement: DeliverySettlement;
  readonly row: MovedRow;
}

type Retry = Extract<DeliverySettlement, { readonly outcome: "retry" }>;
type GivenUp = Extract<DeliverySettlement, { readonly outcome: "given_up" }>;

/**
 * Logs attempts and ends, repeats or gives up deliveries. One that is gone (its endpoint was removed) is let be, and so is one
 * that has gone on: after a commit of unknown outcome the same is settled again. The messages are held, so that an event which
 * is written meanwhile either sees the delivery that it waits for gone, or is released here.
 */
export async function settleDeliveries(
  context: WriterContext,
  pile: readonly (readonly DeliverySettlement[])[],
): Promise<readonly null[]> {
  const settlements = pile.flat();
  await moveTargets(context, async ({ session, targets, wakes }) => {
    const holding = targets.hold(
      settlements.map(({ customerId, messageId }) => ({ customerId, messageId, n: 0 })),
    );
    const retries = settlements.filter((settlement) => settlement.outcome === "retry");
    const ended = settlements.filter((settlement) => settlement.outcome !== "retry");
    const moved = new Map<string, MovedRow>();
    const moving = [repeat(session, retries), remove(session, ended)]; // behind the holding, and all at once
    const [, ...rows] = await Promise.all([holding, ...moving]);
    for (const row of rows.flat()) moved.set(nameOf(row.endpoint_id, row.event_id, row.made), row);
    const known = settlements.flatMap((settlement) => {
      const made = settlement.outcome === "retry" ? settlement.attempts : undefined;
      const row = moved.get(nameOf(settlement.endpointId, settlement.eventId, made));
      return row === undefined ? [] : [{ settlement, row }];
    });
    if (known.length === 0) return;
    log(session, known);
    keep(session, known);
    for (const { settlement } of known)
      if (settlement.outcome === "retry") wakes.deliveries(settlement.endpointId);
    release(session, ended, wakes);
  });
  return pile.map(() => null);
}

/** Names a settlement of a pile, which may hold an older one of the same delivery once more. */
function nameOf(endpointId: string, eventId: string, made: number | undefined): string {
  return `${endpointId} ${eventId} ${made ?? "ended"}`;
}

async function remove(session: Session, ended: readonly DeliverySettlement[]): Promise<MovedRow[]> {
  return ended.length === 0 ? [] : session.rows<MovedRow>(SETTLE_DELIVERIES_SQL.remove, keysOf(ended));
}

async function repeat(session: Session, retries: readonly Retry[]): Promise<MovedRow[]> {
  if (retries.length === 0) return [];
  const attempts = numbers(retries.map((retry) => retry.attempts));
  const due = numbers(retries.map(({ dueAt }) => dueAt));
  const bodies = texts(retries.map(({ body }) => body));
  return session.rows<MovedRow>(SETTLE_DELIVERIES_SQL.retry, [...keysOf(retries), attempts, due, bodies]);
}

function release(session: Session, ended: readonly DeliverySettlement[], wakes: Wakes): void {
  if (ended.length === 0) return;
  const [endpoints = "{}", messages = "{}"] = keysOf(ended);
  session.withNext(SETTLE_DELIVERIES_SQL.release, [endpoints, messages], (rows) => {
    for (const { endpoint_id } of rows as readonly { endpoint_id: string }[]) wakes.deliveries(endpoint_id); // its RETURNING
  });
}

function log(session: Session, known: readonly Known[]): void {
  const attempts = known.map(({ settlement: { attempt }, row }) =>
    row.erased ? { ...attempt, error: "", answer: "" } : attempt,
  );
  session.withNext(SETTLE_DELIVERIES_SQL.log, [
    ...archiveKeysOf(known.map(({ settlement }) => settlement)),
    numbers(known.map(({ row }) => row.attempts + 1)),
    numbers(attempts.map(({ at }) => at)),
    numbers(attempts.map(({ tookMs }) => tookMs)),
    numbers(attempts.map(({ statusCode }) => statusCode)),
    texts(attempts.map(({ error }) => error)),
    texts(attempts.map(({ answer }) => answer)),
  ]);
}

function keep(session: Session, known: readonly Known[]): void {
  const givenUp = known
    .filter(({ row }) => !row.erased)
    .map(({ settlement }) => settlement)
    .filter((settlement): settlement is GivenUp => settlement.outcome === "given_up");
  if (givenUp.length === 0) return;
  session.withNext(SETTLE_DELIVERIES_SQL.keep, [
    ...archiveKeysOf(givenUp),
    numbers(givenUp.map(({ attempt }) => attempt.at)),
    texts(givenUp.map(({ body }) => body)),
  ]);
}

function keysOf(settlements: readonly DeliverySettlement[]): string[] {
  return [
    ids(settlements.map(({ endpointId }) => endpointId)),
    ids(settlements.map(({ messageId }) => messageId)),
    ids(settlements.map(({ eventId }) => eventId)),
  ];
}

function archiveKeysOf(settlements: readonly DeliverySettlement[]): string[] {
  const [endpoints = "{}", messages = "{}", events = "{}"] = keysOf(settlements);
  return [ids(settlements.map(({ customerId }) => customerId)), messages, events, endpoints];
}
