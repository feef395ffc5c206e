import type { Micros } from "../domain/micros.ts";
import type { Outcome } from "../outbound-http/outcome.ts";
import type { DeliveryAttempt } from "../store/announcing.ts";

/** What the log keeps of an answer's body. */
export const ANSWER_MAX_CHARACTERS = 1_024;
const UTF8_BYTES_MAX = 4;

/** What the log keeps of an attempt. */
export function recordOf(outcome: Outcome, at: Micros, tookMs: number): DeliveryAttempt {
  if (outcome.kind === "failed") {
    return { at, tookMs, statusCode: outcome.status, error: outcome.message, answer: "" };
  }
  return { at, tookMs, statusCode: outcome.status, error: "", answer: beginningOf(outcome.body) };
}

function beginningOf(body: Buffer): string {
  const text = body
    .toString("utf8", 0, ANSWER_MAX_CHARACTERS * UTF8_BYTES_MAX)
    .slice(0, ANSWER_MAX_CHARACTERS);
  // PostgreSQL keeps no NUL in a text, and a character cut in half is no text at all
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
}
