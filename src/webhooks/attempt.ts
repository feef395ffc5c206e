import type { Clock } from "../domain/clock.ts";
import { addMs, type Micros, MICROS_PER_MS, MICROS_PER_SECOND } from "../domain/micros.ts";
import type { GuardedClient } from "../outbound-http/guarded-client.ts";
import type { Outcome } from "../outbound-http/outcome.ts";
import type { Delivery, DeliveryAttempt, DeliverySettlement } from "../store/announcing.ts";
import { recordOf } from "./attempt-record.ts";
import { bodyOf } from "./event-body.ts";
import type { Receiver } from "./receiver.ts";
import { signatureHeaders } from "./signature.ts";
import { judge, type Verdict } from "./verdict.ts";

const FAILING_DAYS_MAX = 5;
const FAILING_MAX_MS = FAILING_DAYS_MAX * 24 * 3_600 * 1_000;

export interface AttemptDeps {
  readonly client: Pick<GuardedClient, "request">;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly timeoutMs: number;
}

/** How an attempt went. */
export type Attempted =
  | {
      readonly kind: "called";
      readonly settlement: DeliverySettlement;
      readonly at: Micros;
      readonly tookMs: number;
      readonly isSuccess: boolean;
      /** How long the endpoint asked to be left alone; null when it did not. */
      readonly restMs: number | null;
      /** Why the endpoint is to be switched off; null when it is not. */
      readonly disabledReason: string | null;
    }
  /** Nobody is to be called: the endpoint is switched off, or the message is gone. */
  | { readonly kind: "dropped"; readonly settlement: DeliverySettlement }
  /** We broke it off ourselves: nothing is known, so nothing is written, and its lease brings it back. */
  | { readonly kind: "abandoned" };

/** An attempt that is under way. */
export interface Calling {
  readonly kind: "calling";
  readonly at: Micros;
  readonly body: string;
  readonly outcome: Promise<Outcome> | Outcome;
}

/** Begins to tell an endpoint of an event, once; what ends without a call has ended. */
export function beginAttempt(
  delivery: Delivery,
  receiver: Receiver,
  deps: AttemptDeps,
): Calling | (Attempted & { readonly kind: "dropped" }) {
  const at = deps.clock.now();
  const body = bodyOf(delivery);
  if (receiver.kind === "off") return drop(delivery, body, at, `switched off: ${receiver.reason}`);
  if (body === null) return drop(delivery, body, at, "the message is no longer stored");
  const outcome =
    receiver.kind === "callable" ? call(delivery, receiver, body, at, deps) : fault(receiver.reason);
  return { kind: "calling", at, body, outcome };
}

/** Says what follows from the outcome of an attempt; the caller writes it down. */
export function endAttempt(
  delivery: Delivery,
  receiver: Receiver,
  { at, body }: Calling,
  outcome: Outcome,
  { clock, random }: AttemptDeps,
): Attempted {
  const ended = clock.now();
  const tookMs = Math.floor((ended - at) / MICROS_PER_MS);
  const verdict = judge(outcome, delivery.attempts + 1, ended, random);
  if (verdict.kind === "abandoned") return verdict;
  return {
    kind: "called",
    settlement: settlementOf(delivery, body, recordOf(outcome, at, tookMs), verdict),
    at,
    tookMs,
    isSuccess: verdict.kind === "delivered",
    restMs: verdict.kind === "retry" ? verdict.restMs : null,
    disabledReason: disabledReasonOf(verdict, receiver, ended),
  };
}

function call(
  { event }: Delivery,
  receiver: Receiver & { kind: "callable" },
  body: string,
  at: Micros,
  { client, timeoutMs }: AttemptDeps,
): Promise<Outcome> {
  const { endpoint, url, method, keys } = receiver;
  const bytes = Buffer.from(body, "utf8");
  const signature = signatureHeaders(keys, event.id, Math.floor(at / MICROS_PER_SECOND), bytes);
  return client.request({
    url,
    method,
    headers: ["content-type", "application/json", "user-agent", "msgbin", ...signature],
    body,
    lane: endpoint.id,
    timeoutMs,
    isRepeatable: true, // the id tells a receiver that it is the same event
  });
}

function fault(reason: string): Outcome {
  return { kind: "failed", reason: "refused_address", message: reason, status: null, isSent: false };
}

function drop(
  delivery: Delivery,
  body: string | null,
  at: Micros,
  error: string,
): Attempted & { readonly kind: "dropped" } {
  const record = { at, tookMs: 0, statusCode: null, error, answer: "" };
  return { kind: "dropped", settlement: settlementOf(delivery, body ?? "", record, { kind: "given_up" }) };
}

function settlementOf(
  { endpointId, messageId, eventId, event, attempts }: Delivery,
  body: string,
  attempt: DeliveryAttempt,
  verdict: Exclude<Verdict, { kind: "abandoned" }>,
): DeliverySettlement {
  const base = { endpointId, messageId, eventId, customerId: event.customerId, attempt };
  if (verdict.kind === "delivered") return { ...base, outcome: "delivered" };
  if (verdict.kind === "retry") return { ...base, outcome: "retry", attempts, dueAt: verdict.dueAt, body };
  return { ...base, outcome: "given_up", body };
}

function disabledReasonOf(verdict: Verdict, { endpoint }: Receiver, at: Micros): string | null {
  if (verdict.kind === "gone") return "it answered 410 Gone";
  if (verdict.kind === "delivered" || endpoint.tmFailingSince === null) return null;
  if (addMs(endpoint.tmFailingSince, FAILING_MAX_MS) > at) return null;
  return `every attempt of ${FAILING_DAYS_MAX} days failed`;
}
