import type { DeliverySettlement } from "../announcing.ts";
import { type ClaimedRef, ERASED_BODY } from "./delivery-rows.ts";
import { idToBytes } from "./id-bytes.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export function encodeDeliverySettlements(settlements: readonly DeliverySettlement[]): Wire {
  const wire: Wire = ["settleDeliveries", settlements.length];
  for (const settlement of settlements) {
    const { endpointId, customerId, messageId, eventId, attempt, outcome } = settlement;
    wire.push(outcome, endpointId, customerId, messageId, eventId);
    wire.push(attempt.at, attempt.tookMs, attempt.statusCode, attempt.error, attempt.answer);
    wire.push(
      outcome === "delivered" ? null : settlement.body,
      outcome === "retry" ? settlement.dueAt : null,
      outcome === "retry" ? settlement.attempts : null,
    );
  }
  return wire;
}

export const SETTLE_DELIVERIES_SQL = {
  remove: "DELETE FROM deliveries WHERE endpoint_id = ? AND message_id = ? AND event_id = ?",
  /** An erased body stays erased: this one may be older than that. */
  retry: `
    UPDATE deliveries SET attempts = attempts + 1, due_at = ?, body = CASE body WHEN '${ERASED_BODY}' THEN body ELSE ? END
    WHERE endpoint_id = ? AND message_id = ? AND event_id = ? AND attempts = ?`,
  release: `
    UPDATE deliveries SET blocked = 0 WHERE endpoint_id = ?1 AND message_id = ?2 AND blocked = 1 AND event_id = (
      SELECT min(event_id) FROM deliveries WHERE endpoint_id = ?1 AND message_id = ?2)`,
} as const;

interface Settled extends ClaimedRef {
  readonly outcome: DeliverySettlement["outcome"];
  readonly customer: Uint8Array;
  readonly messageId: string;
}

/** When it is to be attempted again, and after how many attempts this one was made; null when it is not. */
interface Again {
  readonly dueAt: number | null;
  readonly attempts: number | null;
}

/**
 * Logs attempts and ends, repeats or gives up deliveries. One that is gone (its endpoint was removed) or was repeated since is
 * let be.
 */
export function settleDeliveries({
  connection,
  inserters,
  deliveries,
  events,
  wakes,
}: WriterContext): Operation {
  const remove = connection.prepare(SETTLE_DELIVERIES_SQL.remove);
  const retry = connection.prepare(SETTLE_DELIVERIES_SQL.retry);
  const release = connection.prepare(SETTLE_DELIVERIES_SQL.release);
  const log = inserters.make("INSERT OR REPLACE INTO attempts", 10);
  const keep = connection.prepare("INSERT OR REPLACE INTO undelivered VALUES (?, ?, ?, ?, ?, ?)");

  /** False when the delivery is gone, or was repeated since. */
  function move(settled: Settled, body: string | null, again: Again): boolean {
    const { outcome, endpoint, message, event } = settled;
    const { changes } =
      outcome === "retry"
        ? retry.run(again.dueAt, body, endpoint, message, event, again.attempts)
        : remove.run(endpoint, message, event);
    return Number(changes) === 1;
  }

  function settle(request: WireReader): void {
    const settled = readSettled(request);
    const [at, tookMs, statusCode] = [request.number(), request.number(), request.numberOrNull()];
    const [error, answer] = [request.text(), request.text()];
    const body = request.textOrNull();
    const again = { dueAt: request.numberOrNull(), attempts: request.numberOrNull() };
    const known = deliveries.known(settled);
    if (known === undefined || !move(settled, body, again)) return;
    const { outcome, endpointId, endpoint, customer, message, event } = settled;
    deliveries.unclaimed(endpointId, settled.eventId);
    const { attempts, isErased } = known;
    const [why, said] = [isErased ? "" : error, isErased ? "" : answer];
    log.add(customer, message, event, endpoint, attempts + 1, at, tookMs, statusCode, why, said);
    if (outcome === "given_up" && !isErased) keep.run(customer, message, event, endpoint, at, body);
    if (outcome === "retry" || releaseNext(settled)) wakes.deliveries(endpointId);
  }

  /** Whether a later event of the message was waiting for this one. */
  function releaseNext({ endpoint, message, messageId }: Settled): boolean {
    return events.mayHaveWaiting(messageId) && Number(release.run(endpoint, message).changes) > 0;
  }

  return (request) => {
    const settlements = request.number();
    for (let index = 0; index < settlements; index++) settle(request);
    return [];
  };
}

function readSettled(request: WireReader): Settled {
  const outcome = request.text() as Settled["outcome"]; // encodeDeliverySettlements wrote it
  const endpointId = request.text();
  const customer = idToBytes(request.text());
  const [messageId, eventId] = [request.text(), request.text()];
  const [endpoint, message, event] = [idToBytes(endpointId), idToBytes(messageId), idToBytes(eventId)];
  return { outcome, endpointId, endpoint, customer, messageId, message, eventId, event };
}
