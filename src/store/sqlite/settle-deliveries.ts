import type { DeliverySettlement } from "../announcing.ts";
import { integer } from "./connection.ts";
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
    );
  }
  return wire;
}

export const SETTLE_DELIVERIES_SQL = {
  remove:
    "DELETE FROM deliveries WHERE endpoint_id = ? AND message_id = ? AND event_id = ? RETURNING attempts + logged",
  retry: `
    UPDATE deliveries SET attempts = attempts + 1, due_at = ?, body = ?
    WHERE endpoint_id = ? AND message_id = ? AND event_id = ? RETURNING attempts + logged - 1`,
  release: `
    UPDATE deliveries SET blocked = 0 WHERE endpoint_id = ?1 AND message_id = ?2 AND blocked = 1 AND event_id = (
      SELECT min(event_id) FROM deliveries WHERE endpoint_id = ?1 AND message_id = ?2)`,
} as const;

interface Settled {
  readonly outcome: DeliverySettlement["outcome"];
  readonly endpointId: string;
  readonly endpoint: Uint8Array;
  readonly customer: Uint8Array;
  readonly message: Uint8Array;
  readonly event: Uint8Array;
}

/** Logs attempts and ends, repeats or gives up deliveries. One that is gone (its endpoint was removed) is let be. */
export function settleDeliveries({ connection, wakes }: WriterContext): Operation {
  const remove = connection.prepare(SETTLE_DELIVERIES_SQL.remove);
  const retry = connection.prepare(SETTLE_DELIVERIES_SQL.retry);
  const release = connection.prepare(SETTLE_DELIVERIES_SQL.release);
  const log = connection.prepare("INSERT OR REPLACE INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const keep = connection.prepare("INSERT OR REPLACE INTO undelivered VALUES (?, ?, ?, ?, ?, ?)");

  /** How many attempts went before this one; undefined when the delivery is gone. */
  function move(settled: Settled, body: string | null, dueAt: number | null): number | undefined {
    const { outcome, endpoint, message, event } = settled;
    const row =
      outcome === "retry"
        ? retry.get(dueAt, body, endpoint, message, event)
        : remove.get(endpoint, message, event);
    return row === undefined ? undefined : integer(row[0]);
  }

  function settle(request: WireReader): void {
    const settled = readSettled(request);
    const [at, tookMs, statusCode] = [request.number(), request.number(), request.numberOrNull()];
    const [error, answer] = [request.text(), request.text()];
    const [body, dueAt] = [request.textOrNull(), request.numberOrNull()];
    const before = move(settled, body, dueAt);
    if (before === undefined) return;
    const { outcome, endpointId, endpoint, customer, message, event } = settled;
    log.run(customer, message, event, endpoint, before + 1, at, tookMs, statusCode, error, answer);
    if (outcome === "given_up") keep.run(customer, message, event, endpoint, at, body);
    if (outcome === "retry" || Number(release.run(endpoint, message).changes) > 0)
      wakes.deliveries(endpointId);
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
  const [customer, message] = [idToBytes(request.text()), idToBytes(request.text())];
  return {
    outcome,
    endpointId,
    endpoint: idToBytes(endpointId),
    customer,
    message,
    event: idToBytes(request.text()),
  };
}
