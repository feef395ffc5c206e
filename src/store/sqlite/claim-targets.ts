import type { CarrierId, CustomerId, MessageId } from "../../domain/ids.ts";
import { type MessageOptions, PRIORITIES, type Priority } from "../../domain/message.ts";
import { micros } from "../../domain/micros.ts";
import type { OutboundTarget } from "../../domain/outbound-target.ts";
import type { ClaimRequest } from "../queueing.ts";
import { columnToAddress } from "./address-column.ts";
import { TYPE_CODES, wordOf } from "./column-codes.ts";
import { integer, type Row, text } from "./connection.ts";
import { createOptedOutDrop } from "./drop-opted-out.ts";
import { hexToId, hexToIds, idToBytes } from "./id-bytes.ts";
import { type TargetRef, targetRef } from "./target-rows.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export function encodeClaim({ carrierId, node, now, limit, characters }: ClaimRequest): Wire {
  return ["claimTargets", carrierId, node, now, limit, characters];
}

/** The claimed targets; those of one message share its text, source and options. */
export function decodeClaimed(answer: WireReader, carrierId: CarrierId): OutboundTarget[] {
  let head: ReturnType<typeof decodeHead> | undefined;
  return answer.list((item) => {
    const isSameMessage = item.number() === 1;
    if (!isSameMessage || head === undefined) head = decodeHead(item);
    return {
      ...head,
      n: item.number(),
      destination: columnToAddress(item.text()),
      parts: item.number(),
      carrierId,
      fallbacks: item
        .text()
        .split(" ")
        .filter((id) => id !== "") as CarrierId[], // idsToBytes was given carrier ids
      priority: item.number() as Priority, // the column holds what acceptMessages was given
      dueAt: micros(item.number()),
      expiresAt: micros(item.number()),
      attempts: item.number(),
      partStates: item.text(),
    };
  });
}

function decodeHead(item: WireReader) {
  return {
    customerId: item.text() as CustomerId, // the bytes of a customer_id column
    messageId: item.text() as MessageId, // the bytes of a message_id column
    type: wordOf(TYPE_CODES, item.number()),
    source: columnToAddress(item.text()),
    text: item.text(),
    options: JSON.parse(item.text()) as MessageOptions, // only acceptMessages writes the column
  };
}

/** What {@link claimedWire} reads of a row of the queue. */
export const CLAIM_COLUMNS = `hex(q.message_id), q.n, hex(q.customer_id), q.due_at, q.expires_at, q.attempts, hex(q.fallbacks), q.priority,
  t.destination, t.parts, t.part_states, coalesce(m.type, d.type), coalesce(m.source, d.source),
  coalesce(m.text, d.text), coalesce(m.options, d.options)`;

/** Where a row of the queue has its content. */
export const CLAIM_CONTENT = `
      JOIN targets t ON t.customer_id = q.customer_id AND t.message_id = q.message_id AND t.n = q.n
      LEFT JOIN messages m ON m.customer_id = q.customer_id AND m.message_id = q.message_id
      LEFT JOIN deleted_messages d ON d.customer_id = q.customer_id AND d.message_id = q.message_id`;

/**
 * Due rows of one carrier and priority in the order of the claim index. What was read is moved in two statements by the
 * position of the last row, not row by row: an ordered prefix of an index has no gaps.
 */
export const CLAIM_SQL = {
  select: `
    SELECT ${CLAIM_COLUMNS} FROM queue q INDEXED BY queue_claim ${CLAIM_CONTENT}
    WHERE q.carrier_id = ? AND q.held = 0 AND q.priority = ? AND q.due_at <= ?
    ORDER BY q.due_at, q.message_id, q.n LIMIT ?`,
  lease: `
    INSERT INTO leased
    SELECT carrier_id, message_id, n, customer_id, priority, expires_at, attempts, fallbacks, ?6, NULL, NULL, NULL
    FROM queue INDEXED BY queue_claim
    WHERE carrier_id = ?1 AND held = 0 AND priority = ?2 AND (due_at, message_id, n) <= (?3, ?4, ?5)`,
  remove: `
    DELETE FROM queue WHERE (carrier_id, message_id, n) IN (
      SELECT carrier_id, message_id, n FROM queue INDEXED BY queue_claim
      WHERE carrier_id = ?1 AND held = 0 AND priority = ?2 AND (due_at, message_id, n) <= (?3, ?4, ?5))`,
} as const;

/** Leases the most urgent due targets of a carrier to a node. */
export function claimTargets(context: WriterContext): Operation {
  const { connection, queue, nodes, optOuts } = context;
  const isDropped = createOptedOutDrop(context);
  const select = connection.prepare(CLAIM_SQL.select);
  const lease = connection.prepare(CLAIM_SQL.lease);
  const remove = connection.prepare(CLAIM_SQL.remove);

  function claimPriority(
    carrierId: string,
    priority: number,
    node: number,
    now: number,
    limit: number,
    room: ClaimRoom,
  ): Row[] {
    const carrier = queue.carrierBytes(carrierId);
    const rows = room.fill(select.iterate(carrier, priority, now, limit));
    const last = rows.at(-1);
    if (last === undefined) return rows;
    const position = [integer(last[3]), idToBytes(hexToId(text(last[0]))), integer(last[1])] as const;
    lease.run(carrier, priority, ...position, node);
    remove.run(carrier, priority, ...position);
    queue.noteLeased(carrierId, node, Math.min(...rows.map((row) => integer(row[4]))));
    return optOuts.isEmpty ? rows : rows.filter((row) => !isDropped(carrierId, claimedOf(row), now));
  }

  return (request) => {
    const carrierId = request.text();
    const node = nodes.numberOf(request.text());
    const [now, limit] = [request.number(), request.number()];
    const room = new ClaimRoom(request.number());
    const rows: Row[] = [];
    for (const priority of Object.values(PRIORITIES)) {
      if (rows.length < limit)
        rows.push(...claimPriority(carrierId, priority, node, now, limit - rows.length, room));
    }
    return claimedWire(rows);
  };
}

function claimedOf(row: Row) {
  return {
    target: claimedRef(row),
    source: text(row[12]),
    destination: text(row[8]),
  };
}

/** The target of a row of the queue. */
export function claimedRef(row: Row): TargetRef {
  return targetRef(hexToId(text(row[2])), hexToId(text(row[0])), integer(row[1]));
}

/** What one claim may bring in characters; its first row has room, however long it is. */
export class ClaimRoom {
  #left: number;
  #isEmpty = true;

  constructor(characters: number) {
    this.#left = characters;
  }

  /** False when there is no room for it, and for all that come after it: none of them may go before it. */
  takes(row: Row): boolean {
    this.#left -= text(row[13]).length + text(row[14]).length;
    const isTaken = this.#left >= 0 || this.#isEmpty;
    this.#isEmpty = false;
    return isTaken;
  }

  /** The first of these rows, as many as there is room for; those after them are not read. */
  fill(rows: Iterable<Row>): Row[] {
    const found: Row[] = [];
    for (const row of rows) {
      if (!this.takes(row)) break;
      found.push(row);
    }
    return found;
  }
}

export function claimedWire(rows: readonly Row[]): Wire {
  const wire: Wire = [rows.length];
  let lastMessage = "";
  for (const row of rows) {
    const message = text(row[0]);
    wire.push(message === lastMessage ? 1 : 0);
    if (message !== lastMessage) {
      wire.push(
        hexToId(text(row[2])),
        hexToId(message),
        integer(row[11]),
        text(row[12]),
        text(row[13]),
        text(row[14]),
      );
    }
    lastMessage = message;
    wire.push(
      integer(row[1]),
      text(row[8]),
      integer(row[9]),
      hexToIds(text(row[6])).join(" "),
      integer(row[7]),
    );
    wire.push(integer(row[3]), integer(row[4]), integer(row[5]), text(row[10]));
  }
  return wire;
}
