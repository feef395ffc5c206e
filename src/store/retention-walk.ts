import { type CustomerId, firstIdAt } from "../domain/ids.ts";
import { UNOWNED } from "../domain/inbound.ts";
import type { Micros } from "../domain/micros.ts";
import { limitsOf, type RetentionChoice, type RetentionLimits } from "../domain/retention.ts";
import type { RetentionRequest, RetentionStep } from "./retaining.ts";

/** One transaction over a customer's messages, the oldest first. */
export interface RetentionSlice {
  readonly looked: number;
  readonly changed: number;
  readonly heldBack: number;
  /** The last message looked at; null when there was none. */
  readonly last: string | null;
  readonly isMore: boolean;
}

/** Messages with ids between two, at most so many. */
export interface RetentionSpan {
  readonly customerId: CustomerId;
  readonly after: string;
  readonly before: string;
  readonly limit: number;
  readonly now: Micros;
}

export type CustomerChoice = RetentionChoice & { readonly id: CustomerId };

/** A customer as a sweep finds it. */
export interface SweptCustomer extends CustomerChoice {
  /** Whether there are messages whose content could not go yet. */
  readonly hasWaiting: boolean;
}

/** What each engine does by its own means. */
export interface RetentionActs {
  /** Customers with ids from this one on, in their order, deleted ones too; at most {@link CUSTOMERS_AT_ONCE}. */
  customersFrom(id: string): Promise<readonly SweptCustomer[]>;
  /** Drops what can go as a whole; answers its names. */
  dropMonths(request: RetentionRequest): Promise<readonly string[]>;
  removeOld(span: RetentionSpan): Promise<RetentionSlice>;
  /** Goes on after the last message whose content was looked at; `after` is of no meaning. */
  emptyOld(span: RetentionSpan): Promise<RetentionSlice>;
  /**
   * Looks again at those whose content could not go yet: the ones before, and whatever their age the ones from which a number
   * was erased, whose content goes as soon as nothing of it is left to be sent.
   */
  emptyWaiting(span: RetentionSpan): Promise<RetentionSlice>;
}

export const CUSTOMERS_AT_ONCE = 100;

const LOWEST = "00000000-0000-0000-0000-000000000000";
const STAGES = ["removeOld", "emptyWaiting", "emptyOld"] as const;

type Stage = (typeof STAGES)[number];

interface Place {
  readonly customerId: CustomerId;
  readonly stage: Stage;
  readonly after: string;
}

/** Goes from customer to customer, from their oldest messages on, as far as a step may. */
export async function walkRetention(acts: RetentionActs, request: RetentionRequest): Promise<RetentionStep> {
  const done = { removed: 0, emptied: 0, heldBack: 0 };
  const dropped = request.from === null ? await acts.dropMonths(request) : [];
  let left = request.limit;
  let place: Place | null = request.from === null ? beginningOf(UNOWNED) : placeOf(request.from);

  /** Answers where it stopped because the step is over; null when nothing more of the customer is to be done. */
  async function goThrough(from: Place, customer: SweptCustomer): Promise<Place | null> {
    const limits = limitsOf(customer, request.fallback, request.now);
    for (let at: Place | null = from; at !== null;) {
      if (left <= 0) return at;
      const before = beforeOf(at.stage, limits, customer.hasWaiting);
      at = before === null ? stageAfter(at) : await visit(at, before);
    }
    return null;
  }

  async function visit(at: Place, before: string): Promise<Place | null> {
    const slice = await acts[at.stage]({ ...at, before, limit: left, now: request.now });
    left -= Math.max(1, slice.looked);
    done[at.stage === "removeOld" ? "removed" : "emptied"] += slice.changed;
    if (at.stage === "removeOld") done.heldBack += slice.heldBack;
    return slice.isMore && slice.last !== null ? { ...at, after: slice.last } : stageAfter(at);
  }

  while (place !== null && left > 0) {
    const from: Place = place;
    const customers = await customersFrom(acts, from.customerId);
    const isLast = customers.length < CUSTOMERS_AT_ONCE;
    const next = customers.at(-1);
    place = isLast || next === undefined ? null : beginningOf(next.id);
    for (const customer of isLast ? customers : customers.slice(0, -1)) {
      const begin = customer.id === from.customerId ? from : beginningOf(customer.id);
      const stopped = await goThrough(begin, customer);
      if (stopped === null) continue;
      place = stopped;
      break;
    }
    left -= 1;
  }
  return { kind: "swept", ...done, dropped, next: place === null ? null : JSON.stringify(place) };
}

/** Messages to numbers that nobody owns have no customer's record: what holds for them is the default. */
async function customersFrom(acts: RetentionActs, id: CustomerId): Promise<readonly SweptCustomer[]> {
  const customers = await acts.customersFrom(id);
  if (id !== UNOWNED) return customers;
  const nobody = { id: UNOWNED, retentionDays: null, retentionContentDays: null, hasWaiting: false };
  return [nobody, ...customers.slice(0, CUSTOMERS_AT_ONCE - 1)];
}

function beginningOf(customerId: CustomerId): Place {
  return { customerId, stage: STAGES[0], after: LOWEST };
}

function stageAfter({ customerId, stage }: Place): Place | null {
  const next = STAGES[STAGES.indexOf(stage) + 1];
  return next === undefined ? null : { customerId, stage: next, after: LOWEST };
}

function beforeOf(
  stage: Stage,
  { messagesBefore, contentBefore }: RetentionLimits,
  hasWaiting: boolean,
): string | null {
  if (stage === "emptyWaiting" && contentBefore === null) return hasWaiting ? LOWEST : null;
  const limit = stage === "removeOld" ? messagesBefore : contentBefore;
  return limit === null ? null : firstIdAt(limit);
}

function placeOf(text: string): Place {
  return JSON.parse(text) as Place; // only walkRetention writes it
}
