import { formatMicros } from "../domain/micros.ts";
import type { DeliveryAttempt } from "../store/announcing.ts";
import type { LoggedAttempt } from "../store/recounting.ts";

/** How a call went. */
export function viewAttempt(attempt: DeliveryAttempt): Record<string, unknown> {
  return {
    status_code: attempt.statusCode,
    error: attempt.error,
    answer: attempt.answer,
    took_ms: attempt.tookMs,
    tm_create: formatMicros(attempt.at),
  };
}

/** A call as the log has it, with what it was about. */
export function viewLoggedAttempt(logged: LoggedAttempt): Record<string, unknown> {
  const { event } = logged;
  return {
    webhook_id: logged.endpointId,
    event_id: event.id,
    message_id: event.messageId,
    type: event.type,
    attempt: logged.attempt,
    ...viewAttempt(logged),
  };
}
