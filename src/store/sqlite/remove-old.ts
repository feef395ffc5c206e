import { QUIET_MICROS } from "../retaining.ts";
import { ERASED } from "./address-sql.ts";
import { STATUS_CODES } from "./column-codes.ts";
import { bytes, type Connection, integer, type Row } from "./connection.ts";
import { createContentErasure } from "./erase-content.ts";
import { bytesToId, idToBytes } from "./id-bytes.ts";
import type { WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Messages of one commit, and targets after which it looks at no more of them: a few milliseconds of the writer's time. */
const MESSAGES_AT_ONCE = 100;
const TARGETS_AT_ONCE = 1_000;

const LOWEST = new Uint8Array(16);
const THE_MESSAGE = "customer_id = ?1 AND message_id = ?2";
const THE_TARGET = "carrier_id = t.carrier_id AND message_id = t.message_id AND n = t.n";
const IS_ERASED = `t.destination = '${ERASED}'`;
const { scheduled, queued, sent, dlr_timeout: unreported } = STATUS_CODES;
const IS_UNSENT = `(t.status IN (${scheduled}, ${queued}) OR EXISTS (SELECT 1 FROM queue WHERE ${THE_TARGET})
        OR EXISTS (SELECT 1 FROM leased WHERE ${THE_TARGET}))`;
const CONTENT = "'$.data', '$.udh', '$.medias'";

const MESSAGE_TABLES = ["messages", "deleted_messages"] as const;
const OTHER_TABLES = ["targets", "events", "attempts", "undelivered", "retention_waiting"] as const;

const OLD = (table: string) => `
    SELECT message_id FROM ${table} WHERE customer_id = ?1 AND message_id > ?2 AND message_id < ?3`;

export const REMOVE_OLD_SQL = {
  /** The oldest messages after one, deleted ones too. */
  slice: `${OLD("messages")} UNION ALL ${OLD("deleted_messages")} ORDER BY message_id LIMIT ?4`,
  waiting: `
    SELECT message_id FROM retention_waiting WHERE customer_id = ?1 AND message_id > ?2 ORDER BY message_id LIMIT ?3`,
  /**
   * How many targets it has, whether one is erased, whether such a one and whether another is left to be sent, and whether a
   * receipt may still come.
   */
  open: `
    SELECT count(*), max(${IS_ERASED}), max(${IS_ERASED} AND ${IS_UNSENT}), max(NOT ${IS_ERASED} AND ${IS_UNSENT}),
      max(t.status IN (${sent}, ${unreported}) AND t.tm_update > ?3)
    FROM targets t WHERE t.customer_id = ?1 AND t.message_id = ?2`,
  /** Whether an endpoint is still to be told of it. */
  untold: `
    SELECT 1 FROM endpoints e CROSS JOIN deliveries d ON d.endpoint_id = e.endpoint_id AND d.message_id = ?2
    WHERE e.customer_id = ?1 LIMIT 1`,
  remove: (table: string) => `DELETE FROM ${table} WHERE ${THE_MESSAGE}`,
  /** A message that says nothing stays as it is. */
  empty: (table: string) => `
    UPDATE ${table} SET text = '', options = json_set(json_remove(options, ${CONTENT}), '$.contentRemoved', json('true'))
    WHERE ${THE_MESSAGE} AND (text <> '' OR options <> json_remove(options, ${CONTENT}))`,
  mark: "SELECT emptied_until FROM retention_marks WHERE customer_id = ?",
  setMark: "INSERT OR REPLACE INTO retention_marks VALUES (?, ?)",
  wait: "INSERT OR IGNORE INTO retention_waiting VALUES (?, ?)",
} as const;

interface Span {
  readonly customer: Uint8Array;
  readonly after: Uint8Array;
  readonly before: Uint8Array;
  readonly limit: number;
  readonly now: number;
}

/** What stands in the way of a message. */
export interface Hindrance {
  readonly targets: number;
  readonly isUnsent: boolean;
  /** Whether somebody is left to be sent it whose number was not erased. */
  readonly isNeeded: boolean;
  /** Whether the number of some target was erased. */
  readonly isErased: boolean;
  readonly isAwaiting: boolean;
  readonly isUntold: boolean;
}

/**
 * Removes a customer's old messages that are over, with everything that was kept of them. Like those below it has the events
 * written first that the pile owes until here: of a message that ended just now somebody may still have to be told.
 */
export function removeOld({ connection, events }: WriterContext): Operation {
  const slice = connection.prepare(REMOVE_OLD_SQL.slice);
  const hindranceOf = createHindrance(connection);
  const [heads, others] = [MESSAGE_TABLES, OTHER_TABLES].map((tables) =>
    tables.map((table) => connection.prepare(REMOVE_OLD_SQL.remove(table))),
  );
  return (request) => {
    const span = readSpan(request);
    events.flush();
    return goThrough(slice.all(span.customer, span.after, span.before, span.limit), span, (message) => {
      const hindrance = hindranceOf(span, message);
      if (hindrance.isUnsent || hindrance.isAwaiting || hindrance.isUntold)
        return { hindrance, changed: null };
      let changed = 0;
      for (const statement of heads ?? []) changed += Number(statement.run(span.customer, message).changes);
      for (const statement of others ?? []) statement.run(span.customer, message);
      events.forget(bytesToId(message));
      return { hindrance, changed };
    });
  };
}

/** Takes the content out of a customer's old messages, from where it came to last; what is not over waits. */
export function emptyOld({ connection, events }: WriterContext): Operation {
  const slice = connection.prepare(REMOVE_OLD_SQL.slice);
  const mark = connection.prepare(REMOVE_OLD_SQL.mark);
  const setMark = connection.prepare(REMOVE_OLD_SQL.setMark);
  const wait = connection.prepare(REMOVE_OLD_SQL.wait);
  const hindranceOf = createHindrance(connection);
  const empty = createEmptying(connection);
  return (request) => {
    const span = readSpan(request);
    events.flush();
    const row = mark.get(span.customer);
    const after = row === undefined ? LOWEST : bytes(row[0]);
    return goThrough(slice.all(span.customer, after, span.before, span.limit), span, (message) => {
      const done = empty(span, message, hindranceOf(span, message));
      if (done.changed === null) wait.run(span.customer, message);
      setMark.run(span.customer, message);
      return done;
    });
  };
}

/** Looks again at messages whose content could not go yet: old ones, and those from which a number was erased. */
export function emptyWaiting({ connection, events, deliveries }: WriterContext): Operation {
  const waiting = connection.prepare(REMOVE_OLD_SQL.waiting);
  const stop = connection.prepare(REMOVE_OLD_SQL.remove("retention_waiting"));
  const hindranceOf = createHindrance(connection);
  const empty = createEmptying(connection);
  const erasure = createContentErasure(connection, deliveries);

  function look(span: Span, message: Uint8Array): Done {
    const hindrance = hindranceOf(span, message);
    const isOld = Buffer.compare(message, span.before) < 0;
    if (!hindrance.isErased && isOld) return empty(span, message, hindrance);
    if (!hindrance.isErased || hindrance.isNeeded) return { hindrance, changed: null };
    return { hindrance, changed: erasure.eraseContent({ customer: span.customer, message }, null) };
  }

  return (request) => {
    const span = readSpan(request);
    events.flush();
    return goThrough(waiting.all(span.customer, span.after, span.limit), span, (message) => {
      const done = look(span, message);
      if (done.changed !== null) stop.run(span.customer, message);
      return done;
    });
  };
}

interface Done {
  readonly hindrance: Hindrance;
  /** Messages changed; null when it was held back. */
  readonly changed: number | null;
}

/** Goes through the rows until there are enough targets; answers a slice as retaining.ts reads it. */
function goThrough(rows: readonly Row[], { limit }: Span, act: (message: Uint8Array) => Done) {
  let [looked, changed, heldBack, targets] = [0, 0, 0, 0];
  let last: string | null = null;
  for (const row of rows) {
    if (targets >= TARGETS_AT_ONCE) break;
    const message = bytes(row[0]);
    const done = act(message);
    looked++;
    targets += done.hindrance.targets;
    if (done.changed === null) heldBack++;
    else changed += done.changed;
    last = bytesToId(message);
  }
  const isMore = looked < rows.length || rows.length === limit;
  return [looked, changed, heldBack, last, isMore ? 1 : 0];
}

/** Receipts need no text; what is to be sent does, and so does whoever is still to be told. */
function createEmptying(
  connection: Connection,
): (span: Span, message: Uint8Array, hindrance: Hindrance) => Done {
  const empties = MESSAGE_TABLES.map((table) => connection.prepare(REMOVE_OLD_SQL.empty(table)));
  const forget = connection.prepare(REMOVE_OLD_SQL.remove("undelivered"));
  return (span, message, hindrance) => {
    if (hindrance.isUnsent || hindrance.isUntold) return { hindrance, changed: null };
    let changed = 0;
    for (const empty of empties) changed += Number(empty.run(span.customer, message).changes);
    forget.run(span.customer, message);
    return { hindrance, changed };
  };
}

/** Says what stands in the way of a message, of which the events of the pile are written. */
export function createHindrance(
  connection: Connection,
): (of: Pick<Span, "customer" | "now">, message: Uint8Array) => Hindrance {
  const open = connection.prepare(REMOVE_OLD_SQL.open);
  const untold = connection.prepare(REMOVE_OLD_SQL.untold);
  return ({ customer, now }, message) => {
    const [targets, erased, unsentErased, needed, awaiting] =
      open.get(customer, message, now - QUIET_MICROS) ?? [];
    return {
      targets: integer(targets),
      isUnsent: unsentErased === 1 || needed === 1,
      isNeeded: needed === 1,
      isErased: erased === 1,
      isAwaiting: awaiting === 1,
      isUntold: untold.get(customer, message) !== undefined,
    };
  };
}

function readSpan(request: WireReader): Span {
  const [customer, after, before] = [request.text(), request.text(), request.text()].map((id) =>
    idToBytes(id),
  );
  const [limit, now] = [Math.min(request.number(), MESSAGES_AT_ONCE), request.number()];
  return { customer: customer ?? LOWEST, after: after ?? LOWEST, before: before ?? LOWEST, limit, now };
}
