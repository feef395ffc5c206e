import type { Acceptance, AcceptanceLease, AcceptanceOutcome } from "../accepting.ts";
import type { OutboundTarget } from "../../domain/outbound-target.ts";
import type { Target } from "../../domain/message.ts";
import { addressToColumn } from "./address-column.ts";
import { ids, numbers, texts } from "./array-literals.ts";
import { DIRECTION_CODES, EVENT_BITS, EVENT_CODES, STATUS_CODES, TYPE_CODES } from "./column-codes.ts";
import type { Session, Value } from "./connection.ts";
import { claimKeys } from "./idempotency-keys.ts";
import { noteCarrier } from "./read-queue.ts";
import { failureColumn } from "./target-rows.ts";
import { Wakes } from "./wakes.ts";
import type { WriterContext } from "./writer-context.ts";

/** Endpoints that are switched on and want `message_created`. */
const LISTENING = `w.uri <> '' AND w.method <> '' AND w.disabled_reason IS NULL
    AND (w.event_mask = 0 OR w.event_mask & ${EVENT_BITS.message_created} <> 0)`;

/** Everything that accepted messages make durable, in one statement: one round trip, one commit. */
export const ACCEPT_SQL = {
  name: "accept",
  text: `
  WITH new_messages AS (
    INSERT INTO messages (customer_id, message_id, type, direction, source, text, options, tm_create, tm_update, tm_delete)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::smallint[], $5::text[], $6::text[], $7::text[],
      $8::bigint[], $9::bigint[], $10::bigint[])
  ), new_targets AS (
    INSERT INTO targets (customer_id, message_id, n, status, parts, part_states, destination, tm_update, carrier_id,
      failure, trail)
    SELECT c, m, n, s, p, '', d, u, k, f, '' FROM unnest($12::uuid[], $13::uuid[], $14::integer[], $15::smallint[],
      $16::integer[], $17::text[], $18::bigint[], $19::uuid[], $20::text[]) AS t (c, m, n, s, p, d, u, k, f)
  ), queued AS (
    INSERT INTO queue (carrier_id, message_id, n, customer_id, priority, due_at, expires_at, attempts, held, fallbacks)
    SELECT k, m, n, c, p, d, e, a, false, f FROM unnest($21::uuid[], $22::uuid[], $23::integer[], $24::uuid[],
      $25::smallint[], $26::bigint[], $27::bigint[], $28::integer[], $29::text[], $30::text[])
      AS q (k, m, n, c, p, d, e, a, f, node) WHERE node IS NULL
  ), handed_over AS (
    INSERT INTO leased (carrier_id, message_id, n, customer_id, priority, due_at, expires_at, attempts, fallbacks, node,
      marked_at, bind, epoch)
    SELECT k, m, n, c, p, d, e, a, f, node, at, bind, epoch FROM unnest($21::uuid[], $22::uuid[], $23::integer[], $24::uuid[],
      $25::smallint[], $26::bigint[], $27::bigint[], $28::integer[], $29::text[], $30::text[], $31::bigint[],
      $32::integer[], $33::bigint[]) AS q (k, m, n, c, p, d, e, a, f, node, at, bind, epoch) WHERE node IS NOT NULL
  ), new_events AS (
    INSERT INTO events (customer_id, message_id, event_id, type, version, open, changed)
    SELECT c, m, e.e, ${EVENT_CODES.message_created}, 1, false, ''
    FROM unnest($1::uuid[], $2::uuid[], $11::uuid[]) AS e (c, m, e) WHERE e.e IS NOT NULL
  )
  INSERT INTO deliveries (endpoint_id, message_id, event_id, customer_id, attempts, due_at, blocked)
  SELECT w.endpoint_id, e.m, e.e, e.c, 0, e.at, false
  FROM unnest($1::uuid[], $2::uuid[], $11::uuid[], $8::bigint[]) AS e (c, m, e, at)
    JOIN endpoints w ON w.customer_id = e.c
  WHERE e.e IS NOT NULL AND ${LISTENING}
  RETURNING endpoint_id`,
} as const;

/** Deleted ones too: whoever heard of a message may have deleted it since. */
export const ACCEPT_FIND_SQL = {
  name: "accept_find",
  text: `
  SELECT m.message_id FROM unnest($1::uuid[], $2::uuid[]) AS u (c, m)
    JOIN messages m ON m.customer_id = u.c AND m.message_id = u.m
  UNION ALL
  SELECT d.message_id FROM unnest($1::uuid[], $2::uuid[]) AS u (c, m)
    JOIN deleted_messages d ON d.customer_id = u.c AND d.message_id = u.m`,
} as const;

/** Writes messages, targets, queue rows, `message_created` and idempotency keys. */
export async function acceptMessages(
  context: WriterContext,
  entries: readonly Acceptance[],
  isRepeat: boolean,
): Promise<readonly AcceptanceOutcome[]> {
  const { database } = context;
  const known = isRepeat ? await findWritten(context, entries) : new Set<string>();
  const open = entries.filter(({ message }) => !known.has(message.id));
  for (const { queue } of open) for (const { carrierId } of queue) noteCarrier(context.carriers, carrierId);
  const wakes = new Wakes();
  let outcomes: readonly AcceptanceOutcome[] = [];
  if (open.some(({ idempotency }) => idempotency !== null)) {
    outcomes = await database.transaction(async (session) => {
      const claimed = await claimKeys(session, open);
      const fresh = open.filter((_, index) => claimed[index]?.kind === "accepted");
      if (fresh.length > 0) noteWakes(wakes, fresh, await insertMessages(session, fresh));
      return claimed;
    });
  } else if (open.length > 0) {
    noteWakes(wakes, open, await database.write<EndpointRow>(ACCEPT_SQL, columnsOf(open)));
    outcomes = open.map(() => ({ kind: "accepted" }));
  }
  context.tell(wakes);
  const rest = outcomes.values();
  return entries.map(({ message }) =>
    known.has(message.id) ? { kind: "accepted" } : (rest.next().value ?? { kind: "accepted" }),
  );
}

type EndpointRow = { readonly endpoint_id: string };

/** A message as it is written; one that nobody owns has no event. */
export type Written = Pick<Acceptance, "message" | "targets" | "queue" | "leasedTo"> & {
  readonly eventId: string | null;
};

/** Writes messages with all that belongs to them; answers the endpoints that are to hear of them. */
export function insertMessages(session: Session, entries: readonly Written[]): Promise<EndpointRow[]> {
  return session.rows<EndpointRow>(ACCEPT_SQL, columnsOf(entries));
}

/** After a commit of unknown outcome: the ids of the messages that it wrote all the same. */
export async function findWritten(
  { database }: WriterContext,
  entries: readonly Pick<Written, "message">[],
): Promise<ReadonlySet<string>> {
  const heads = entries.map(({ message }) => message);
  const keys = [ids(heads.map(({ customerId }) => customerId)), ids(heads.map(({ id }) => id))];
  const rows = await database.look<{ message_id: string }>(ACCEPT_FIND_SQL, keys);
  return new Set(rows.map(({ message_id }) => message_id));
}

function noteWakes(wakes: Wakes, entries: readonly Acceptance[], deliveries: readonly EndpointRow[]): void {
  for (const { endpoint_id } of deliveries) wakes.deliveries(endpoint_id);
  for (const entry of entries) {
    wakes.events(entry.message.customerId);
    for (const target of entry.queue) if (nodeOf(entry, target) === null) wakes.queue(target.carrierId);
  }
}

function columnsOf(entries: readonly Written[]): Value[] {
  return [...messageColumns(entries), ...targetColumns(entries), ...queueColumns(entries)];
}

function messageColumns(entries: readonly Written[]): Value[] {
  const heads = entries.map(({ message }) => message);
  return [
    ids(heads.map(({ customerId }) => customerId)),
    ids(heads.map(({ id }) => id)),
    numbers(heads.map(({ type }) => TYPE_CODES[type])),
    numbers(heads.map(({ direction }) => DIRECTION_CODES[direction])),
    texts(heads.map(({ source }) => addressToColumn(source))),
    texts(heads.map(({ text }) => text)),
    texts(heads.map(({ options }) => JSON.stringify(options))),
    numbers(heads.map(({ tmCreate }) => tmCreate)),
    numbers(heads.map(({ tmUpdate }) => tmUpdate)),
    numbers(heads.map(({ tmDelete }) => tmDelete)),
    ids(entries.map(({ eventId }) => eventId)),
  ];
}

function targetColumns(entries: readonly Written[]): Value[] {
  const rows: { readonly target: Target; readonly entry: Written; readonly carrierId: string | null }[] = [];
  for (const entry of entries) {
    const carriers = new Map(entry.queue.map(({ n, carrierId }) => [n, carrierId]));
    for (const target of entry.targets)
      rows.push({ target, entry, carrierId: carriers.get(target.n) ?? null });
  }
  return [
    ids(rows.map(({ entry }) => entry.message.customerId)),
    ids(rows.map(({ entry }) => entry.message.id)),
    numbers(rows.map(({ target }) => target.n)),
    numbers(rows.map(({ target }) => STATUS_CODES[target.status])),
    numbers(rows.map(({ target }) => target.parts)),
    texts(rows.map(({ target }) => addressToColumn(target.destination))),
    numbers(
      rows.map(({ target, entry }) => (target.tmUpdate === entry.message.tmCreate ? null : target.tmUpdate)),
    ),
    ids(rows.map(({ carrierId }) => carrierId)),
    texts(rows.map(({ target }) => failureColumn(target.failure))),
  ];
}

function queueColumns(entries: readonly Written[]): Value[] {
  const rows = entries.flatMap((entry) =>
    entry.queue.map((target) => ({ target, entry, mark: markOf(entry, target) })),
  );
  return [
    ids(rows.map(({ target }) => target.carrierId)),
    ids(rows.map(({ entry }) => entry.message.id)),
    numbers(rows.map(({ target }) => target.n)),
    ids(rows.map(({ entry }) => entry.message.customerId)),
    numbers(rows.map(({ target }) => target.priority)),
    numbers(rows.map(({ target }) => target.dueAt)),
    numbers(rows.map(({ target }) => target.expiresAt)),
    numbers(rows.map(({ target, mark }) => (mark === null ? target.attempts : target.attempts + 1))),
    texts(rows.map(({ target }) => target.fallbacks.join(" "))),
    texts(rows.map(({ target, entry }) => nodeOf(entry, target))),
    numbers(rows.map(({ entry, mark }) => (mark === null ? null : entry.message.tmCreate))),
    numbers(rows.map(({ mark }) => mark?.bind ?? null)),
    numbers(rows.map(({ mark }) => mark?.epoch ?? null)),
  ];
}

/** What marks the target in flight with its message. */
function markOf(
  { leasedTo }: Pick<Acceptance, "leasedTo">,
  { carrierId }: OutboundTarget,
): AcceptanceLease["marks"][number] | null {
  return leasedTo?.marks.find((mark) => mark.carrierId === carrierId) ?? null;
}

/** The node that has the target at once; null when it waits for whoever claims it. */
function nodeOf({ leasedTo }: Pick<Acceptance, "leasedTo">, { carrierId }: OutboundTarget): string | null {
  return leasedTo !== null && leasedTo.carriers.includes(carrierId) ? leasedTo.node : null;
}
