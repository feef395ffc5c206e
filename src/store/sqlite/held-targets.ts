import type { CarrierId, CustomerId, MessageId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { TrailEntry } from "../../domain/trail.ts";
import type { HeldPage, HeldQuery, HeldTarget } from "../holding.ts";
import { columnToAddress } from "./address-column.ts";
import { bytes, type Connection, integer, type Row, text } from "./connection.ts";
import { bytesToId, idToBytes, idToBytesOrNull } from "./id-bytes.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation } from "./writer-context.ts";

/**
 * Rows of a queue that one call looks at, some 10 ms. No index leads to what is held: it would cost its share of every commit
 * that queues, for a look that an operator takes after a crash.
 */
export const ROWS_LOOKED_AT = 50_000;

/** Comes before every target of a carrier, as no id is all zeros; and what comes after every one. */
const BEFORE_ALL: Place = { message: new Uint8Array(16), n: -1 };
const AFTER_ALL: Place = { message: new Uint8Array(16).fill(255), n: 0 };

/** Where a target stands in the queue of its carrier. */
interface Place {
  readonly message: Uint8Array;
  readonly n: number;
}

export const HELD_SQL = {
  /** By the counters, of which there is a row for each carrier. */
  carrierFrom:
    "SELECT carrier_id FROM queue_depths WHERE carrier_id >= ? AND held > 0 ORDER BY carrier_id LIMIT 1",
  carrierAfter:
    "SELECT carrier_id FROM queue_depths WHERE carrier_id > ? AND held > 0 ORDER BY carrier_id LIMIT 1",
  /** Where the stretch ends that this call looks at. */
  lastLookedAt: `
    SELECT message_id, n FROM queue WHERE carrier_id = ?1 AND (message_id, n) > (?2, ?3)
    ORDER BY message_id, n LIMIT 1 OFFSET ${ROWS_LOOKED_AT - 1}`,
  page: `
    SELECT q.message_id, q.n, q.customer_id, q.due_at, q.expires_at, q.attempts, t.destination, t.trail
    FROM queue q CROSS JOIN targets t USING (customer_id, message_id, n)
    WHERE q.carrier_id = ?1 AND (q.message_id, q.n) > (?2, ?3) AND (q.message_id, q.n) <= (?4, ?5) AND q.held = 1
      AND (?6 IS NULL OR q.customer_id = ?6)
    ORDER BY q.message_id, q.n LIMIT ?7`,
} as const;

export function encodeHeldQuery({ carrierId, customerId, after, limit }: HeldQuery): Wire {
  const wire: Wire = ["heldTargets", carrierId, customerId, limit, after?.carrierId ?? null];
  return after === null ? wire : [...wire, after.messageId, after.n];
}

export function decodeHeldPage(answer: WireReader): HeldPage {
  const targets = answer.list(decodeHeld);
  const carrierId = answer.textOrNull() as CarrierId | null; // the bytes of a carrier_id column
  if (carrierId === null) return { targets, next: null };
  const messageId = answer.text() as MessageId; // the bytes of a message_id column, or before all of them
  return { targets, next: { carrierId, messageId, n: answer.number() } };
}

/** What one carrier holds within a stretch of its queue, and where to go on. */
export function heldTargets(connection: Connection): Operation {
  const carrierFrom = connection.prepare(HELD_SQL.carrierFrom);
  const carrierAfter = connection.prepare(HELD_SQL.carrierAfter);
  const lastLookedAt = connection.prepare(HELD_SQL.lastLookedAt);
  const page = connection.prepare(HELD_SQL.page);

  /** The rest of a stretch: what is held in it, then the place to go on from, null at the carrier's end. */
  function look(carrier: Uint8Array, { message, n }: Place, customer: Uint8Array | null, limit: number) {
    const last = lastLookedAt.get(carrier, message, n);
    const end = last === undefined ? AFTER_ALL : placeOf(last);
    const rows = page.all(carrier, message, n, end.message, end.n, customer, limit);
    const cut = rows.length === limit ? rows.at(-1) : last;
    return { rows, next: cut === undefined ? null : placeOf(cut) };
  }

  return (request) => {
    const [only, customerId, limit] = [request.textOrNull(), request.textOrNull(), request.number()];
    const after = readAfter(request);
    const customer = customerId === null ? null : idToBytesOrNull(customerId);
    const from = after?.carrier ?? (only === null ? BEFORE_ALL.message : idToBytesOrNull(only));
    if (from === null || (customerId !== null && customer === null)) return NOTHING;
    const isOther = (carrier: Uint8Array) => only !== null && bytesToId(carrier) !== only.toLowerCase();
    const carrier = firstOf(carrierFrom.get(from));
    if (carrier === null || isOther(carrier)) return NOTHING;
    const isSame = after !== null && Buffer.compare(carrier, after.carrier) === 0;
    const { rows, next } = look(carrier, isSame ? after : BEFORE_ALL, customer, limit);
    const answer: Wire = [rows.length];
    for (const row of rows) appendHeld(answer, carrier, row);
    if (next !== null) return [...answer, ...placeWire(carrier, next)];
    const following = only === null ? firstOf(carrierAfter.get(carrier)) : null;
    return following === null ? [...answer, null] : [...answer, ...placeWire(following, BEFORE_ALL)];
  };
}

const NOTHING: Wire = [0, null];

function readAfter(request: WireReader): (Place & { readonly carrier: Uint8Array }) | null {
  const carrierId = request.textOrNull();
  if (carrierId === null) return null;
  return { carrier: idToBytes(carrierId), message: idToBytes(request.text()), n: request.number() };
}

function firstOf(row: Row | undefined): Uint8Array | null {
  return row === undefined ? null : bytes(row[0]);
}

function placeOf([message, n]: Row): Place {
  return { message: bytes(message), n: integer(n) };
}

function placeWire(carrier: Uint8Array, { message, n }: Place): Wire {
  return [bytesToId(carrier), bytesToId(message), n];
}

/** Rows of {@link HELD_SQL}.page. */
function appendHeld(wire: Wire, carrier: Uint8Array, row: Row): void {
  const [message, n, customer, heldAt, expiresAt, attempts, destination, trail] = row;
  wire.push(bytesToId(carrier), bytesToId(bytes(message)), integer(n), bytesToId(bytes(customer)));
  wire.push(integer(heldAt), integer(expiresAt), integer(attempts), text(destination), text(trail));
}

function decodeHeld(item: WireReader): HeldTarget {
  return {
    carrierId: item.text() as CarrierId, // the bytes of id columns, as appendHeld wrote them
    messageId: item.text() as MessageId,
    n: item.number(),
    customerId: item.text() as CustomerId,
    heldAt: micros(item.number()),
    expiresAt: micros(item.number()),
    attempts: item.number(),
    destination: columnToAddress(item.text()).target,
    trail: JSON.parse(`[${item.text()}]`) as TrailEntry[], // only trailColumn writes it
  };
}
