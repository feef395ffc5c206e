import { micros } from "../../domain/micros.ts";
import type { MessageId } from "../../domain/ids.ts";
import type { ReroutableClaim, ReroutableTargets } from "../queueing.ts";
import {
  CLAIM_COLUMNS,
  CLAIM_CONTENT,
  claimedRef,
  claimedWire,
  decodeClaimed,
  withinCharacters,
} from "./claim-targets.ts";
import { integer, type Row, text } from "./connection.ts";
import { hexToId, hexToIds, idToBytes } from "./id-bytes.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Comes before every row of the claim index. */
const BEFORE_ALL = { dueAt: -1, messageId: "00000000-0000-0000-0000-000000000000", n: -1 } as const;

export function encodeReroutableClaim(request: ReroutableClaim): Wire {
  const { carrierId, node, priority, dueBy, fallbacks, limit } = request;
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

/** What is taken has gaps between, so each row is moved by itself; {@link CLAIM_SQL} moves all up to a position. */
export const CLAIM_REROUTABLE_SQL = {
  select: `
    SELECT ${CLAIM_COLUMNS} FROM queue q INDEXED BY queue_claim ${CLAIM_CONTENT}
    WHERE q.carrier_id = ?1 AND q.held = 0 AND q.priority = ?2 AND q.due_at <= ?3
      AND (q.due_at, q.message_id, q.n) > (?4, ?5, ?6)
    ORDER BY q.due_at, q.message_id, q.n LIMIT ?7`,
  lease: `
    INSERT INTO leased
    SELECT carrier_id, message_id, n, customer_id, priority, expires_at, attempts, fallbacks, ?4, NULL, NULL, NULL
    FROM queue WHERE carrier_id = ?1 AND message_id = ?2 AND n = ?3`,
  remove: "DELETE FROM queue WHERE carrier_id = ? AND message_id = ? AND n = ?",
} as const;

/** Leases due targets of a carrier that name one of the given carriers as a fallback. */
export function claimReroutable({ connection, queue, nodes }: WriterContext): Operation {
  const select = connection.prepare(CLAIM_REROUTABLE_SQL.select);
  const lease = connection.prepare(CLAIM_REROUTABLE_SQL.lease);
  const remove = connection.prepare(CLAIM_REROUTABLE_SQL.remove);

  function take(carrierId: string, row: Row, node: number): void {
    const { message, n } = claimedRef(row);
    const place = [queue.carrierBytes(carrierId), message, n] as const;
    lease.run(...place, node);
    remove.run(...place);
    queue.noteLeased(carrierId, node, integer(row[4]));
  }

  return (request) => {
    const carrierId = request.text();
    const node = nodes.numberOf(request.text());
    const [priority, dueBy] = [request.number(), request.number()];
    const after = [request.number(), idToBytes(request.text()), request.number()] as const;
    const limit = request.number();
    const fallbacks = new Set(request.list((item) => item.text()));
    const found = select.all(queue.carrierBytes(carrierId), priority, dueBy, ...after, limit);
    const looked = withinCharacters(found);
    const rows = looked.filter((row) => hexToIds(text(row[6])).some((id) => fallbacks.has(id)));
    for (const row of rows) take(carrierId, row, node);
    const isAll = found.length < limit && looked.length === found.length;
    return [...claimedWire(rows), ...lastWire(isAll ? undefined : looked.at(-1))];
  };
}

function lastWire(row: Row | undefined): Wire {
  return row === undefined ? [null] : [integer(row[3]), hexToId(text(row[0])), integer(row[1])];
}
