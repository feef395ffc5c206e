import { micros } from "../../domain/micros.ts";
import type { MessageId } from "../../domain/ids.ts";
import type { ReroutableClaim, ReroutableTargets } from "../queueing.ts";
import {
  CLAIM_COLUMNS,
  CLAIM_CONTENT,
  claimedRef,
  claimedWire,
  ClaimRoom,
  decodeClaimed,
} from "./claim-targets.ts";
import { bytes, integer, type Row, text } from "./connection.ts";
import { bytesToId, hexToIds, idToBytes } from "./id-bytes.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Comes before every row of the claim index. */
const BEFORE_ALL = { dueAt: -1, messageId: "00000000-0000-0000-0000-000000000000", n: -1 } as const;

export function encodeReroutableClaim(request: ReroutableClaim): Wire {
  const { carrierId, node, priority, dueBy, fallbacks, limit, characters } = request;
  const { dueAt, messageId, n } = request.after ?? BEFORE_ALL;
  const place = [dueAt, messageId, n];
  return [
    "claimReroutable",
    carrierId,
    node,
    priority,
    dueBy,
    ...place,
    limit,
    characters,
    fallbacks.length,
    ...fallbacks,
  ];
}

export function decodeReroutable(
  answer: WireReader,
  carrierId: ReroutableClaim["carrierId"],
): ReroutableTargets {
  const targets = decodeClaimed(answer, carrierId);
  const dueAt = answer.numberOrNull();
  if (dueAt === null) return { targets, last: null };
  const messageId = answer.text() as MessageId; // the bytes of a message_id column
  return { targets, last: { dueAt: micros(dueAt), messageId, n: answer.number() } };
}

/**
 * A look reads what decides, and the content of what is taken alone: most may name no other carrier, second after second.
 * What is taken has gaps between, so each row is moved by itself; {@link CLAIM_SQL} moves all up to a position.
 */
export const CLAIM_REROUTABLE_SQL = {
  look: `
    SELECT q.due_at, q.message_id, q.n, hex(q.fallbacks) FROM queue q INDEXED BY queue_claim
    WHERE q.carrier_id = ?1 AND q.held = 0 AND q.priority = ?2 AND q.due_at <= ?3
      AND (q.due_at, q.message_id, q.n) > (?4, ?5, ?6)
    ORDER BY q.due_at, q.message_id, q.n LIMIT ?7`,
  content: `
    SELECT ${CLAIM_COLUMNS} FROM queue q ${CLAIM_CONTENT}
    WHERE q.carrier_id = ? AND q.message_id = ? AND q.n = ?`,
  lease: `
    INSERT INTO leased
    SELECT carrier_id, message_id, n, customer_id, priority, expires_at, attempts, fallbacks, ?4, NULL, NULL, NULL
    FROM queue WHERE carrier_id = ?1 AND message_id = ?2 AND n = ?3`,
  remove: "DELETE FROM queue WHERE carrier_id = ? AND message_id = ? AND n = ?",
} as const;

/** Leases due targets of a carrier that name one of the given carriers as a fallback. */
export function claimReroutable({ connection, queue, nodes }: WriterContext): Operation {
  const look = connection.prepare(CLAIM_REROUTABLE_SQL.look);
  const content = connection.prepare(CLAIM_REROUTABLE_SQL.content);
  const lease = connection.prepare(CLAIM_REROUTABLE_SQL.lease);
  const remove = connection.prepare(CLAIM_REROUTABLE_SQL.remove);

  /** What names one of the fallbacks, as far as there is room; `end` is how many were gone through for it. */
  function read(
    carrier: Uint8Array,
    looked: readonly Row[],
    fallbacks: ReadonlySet<string>,
    room: ClaimRoom,
  ) {
    const found: Row[] = [];
    for (const [end, [, message, n, names]] of looked.entries()) {
      if (!hexToIds(text(names)).some((id) => fallbacks.has(id))) continue;
      const row = content.get(carrier, bytes(message), integer(n));
      if (row === undefined) continue;
      if (!room.takes(row)) return { found, end };
      found.push(row);
    }
    return { found, end: looked.length };
  }

  function take(carrierId: string, row: Row, node: number): void {
    const { message, n } = claimedRef(row);
    const place = [queue.carrierBytes(carrierId), message, n] as const;
    lease.run(...place, node);
    remove.run(...place);
    queue.noteLeased(carrierId, node, integer(row[4]));
  }

  return (request) => {
    const carrierId = request.text();
    const carrier = queue.carrierBytes(carrierId);
    const node = nodes.numberOf(request.text());
    const [priority, dueBy] = [request.number(), request.number()];
    const after = [request.number(), idToBytes(request.text()), request.number()] as const;
    const limit = request.number();
    const room = new ClaimRoom(request.number());
    const fallbacks = new Set(request.list((item) => item.text()));
    const looked = look.all(carrier, priority, dueBy, ...after, limit);
    const { found, end } = read(carrier, looked, fallbacks, room);
    for (const row of found) take(carrierId, row, node);
    const isAll = looked.length < limit && end === looked.length;
    return [...claimedWire(found), ...lastWire(isAll ? undefined : looked[end - 1])];
  };
}

function lastWire(row: Row | undefined): Wire {
  return row === undefined ? [null] : [integer(row[0]), bytesToId(bytes(row[1])), integer(row[2])];
}
