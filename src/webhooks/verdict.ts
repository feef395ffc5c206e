import type { Micros } from "../domain/micros.ts";
import type { Outcome } from "../outbound-http/outcome.ts";
import { parseRetryAfter, retryAt } from "./retry-schedule.ts";

/** What an attempt's outcome means for its delivery. */
export type Verdict =
  | { readonly kind: "delivered" }
  /** `restMs`: the endpoint asks to be left alone for so long; null when it did not. */
  | { readonly kind: "retry"; readonly dueAt: Micros; readonly restMs: number | null }
  | { readonly kind: "given_up" }
  /** 410: nobody is to call this address again. */
  | { readonly kind: "gone" }
  /** We broke it off ourselves: nothing is known, so nothing is written, and its lease brings it back. */
  | { readonly kind: "abandoned" };

/**
 * Judges an attempt: 2xx delivers, everything else is a failure, 3xx too (a receiver that moved must be told to us).
 * @param attempts made so far, this one included.
 */
export function judge(outcome: Outcome, attempts: number, now: Micros, random: () => number): Verdict {
  if (outcome.kind === "failed") {
    if (outcome.reason === "aborted") return { kind: "abandoned" };
    return later(retryAt(now, attempts, null, random), null);
  }
  if (outcome.status >= 200 && outcome.status < 300) return { kind: "delivered" };
  if (outcome.status === 410) return { kind: "gone" };
  const retryAfterMs = parseRetryAfter(outcome.headers["retry-after"], now);
  return later(retryAt(now, attempts, retryAfterMs, random), retryAfterMs);
}

function later(dueAt: Micros | null, restMs: number | null): Verdict {
  return dueAt === null ? { kind: "given_up" } : { kind: "retry", dueAt, restMs };
}
