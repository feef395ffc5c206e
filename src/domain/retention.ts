import { addMs, type Micros, micros, MICROS_PER_MS } from "./micros.ts";

/** How long messages are kept. Days; null for ever. */
export interface Retention {
  /** Whole messages. */
  readonly days: number | null;
  /** What they say: text, data, media. */
  readonly contentDays: number | null;
}

/** What holds for customers that have no rule of their own. */
export interface RetentionDefault extends Retention {
  /** Messages go with the whole month they were made in, later by up to 31 days: a month is dropped as one table. */
  readonly wholeMonths: boolean;
}

/** A customer's own rule: {@link FOR_EVER} or days; null where the service's default holds. */
export interface RetentionChoice {
  readonly retentionDays: number | null;
  readonly retentionContentDays: number | null;
}

/** The choice to keep for ever whatever the default is. */
export const FOR_EVER = 0;

export const RETENTION_DAYS_MAX = 36_500;

/** What of a customer's messages may go: everything made before; null for nothing. */
export interface RetentionLimits {
  readonly messagesBefore: Micros | null;
  readonly contentBefore: Micros | null;
}

const DAY_MS = 86_400_000;

/** The limits that hold for a customer at a time. */
export function limitsOf(choice: RetentionChoice, fallback: RetentionDefault, now: Micros): RetentionLimits {
  const messages = before(choice.retentionDays, fallback.days, now);
  return {
    messagesBefore: messages !== null && fallback.wholeMonths ? beginningOfMonth(messages) : messages,
    contentBefore: before(choice.retentionContentDays, fallback.contentDays, now),
  };
}

function before(chosen: number | null, fallback: number | null, now: Micros): Micros | null {
  const days = chosen ?? fallback;
  return days === null || days === FOR_EVER ? null : addMs(now, -days * DAY_MS);
}

function beginningOfMonth(time: Micros): Micros {
  const date = new Date(Math.floor(time / MICROS_PER_MS));
  return micros(Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) * MICROS_PER_MS);
}
