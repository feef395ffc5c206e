import type { SubmitOutcome, UnansweredParts } from "../carriers/carrier.ts";
import type { CarrierId } from "../domain/ids.ts";
import { addMs, type Micros } from "../domain/micros.ts";
import { OPTED_OUT_MEANWHILE } from "../domain/opt-out.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { TrailEntry } from "../domain/trail.ts";
import { holdOf, type UnknownOutcomePolicy } from "../domain/unknown-outcome.ts";
import type { Settlement } from "../store/queueing.ts";
import { backOffMs } from "./back-off.ts";
import type { Flight, Progress } from "./lane-line.ts";
import { nextCarrier, type PassingRules, rerouted } from "./next-carrier.ts";
import { expireTarget, releaseTarget, settlementOf } from "./unsent-target.ts";

/** What the ruling on an outcome depends on besides the outcome. */
export interface OutcomeRules extends PassingRules {
  readonly policy: UnknownOutcomePolicy;
  readonly receiptTimeoutMs: number;
  /** Those of which a lane is up at any node, trials aside. */
  readonly carriersUp: () => readonly CarrierId[];
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** What to do after a carrier's answer. */
export type Ruling =
  | { readonly kind: "settle"; readonly settlement: Settlement }
  /** The carrier only asked to wait: the flight keeps its mark and its place, and goes out again. */
  | { readonly kind: "again"; readonly progress: Progress };

/** Rules what becomes of a flight: one arm for each way in which an attempt can end. */
export function ruleOutcome(flight: Flight, outcome: SubmitOutcome, at: Micros, rules: OutcomeRules): Ruling {
  switch (outcome.kind) {
    case "taken": {
      const receiptKeys = mergeKeys(flight.receiptKeys, outcome.receiptKeys);
      const facts = { ...flightFacts(flight, at, "sent", outcome.words), tookMs: outcome.tookMs };
      const receiptDueAt = dueAtOf(receiptKeys, at, rules);
      return settle({ ...base(flight, at, rules, facts), outcome: "sent", receiptKeys, receiptDueAt });
    }
    case "refused":
      return settle(refusal(flight, outcome, at, rules));
    case "later":
      if (outcome.throttled) return { kind: "again", progress: throttled(flight, outcome, at) };
      return settle(retry(flight, outcome, at, rules, "retried", outcome.retryAfterMs ?? 0));
    case "unknown":
      return settle(afterUnknown(flight, outcome, at, rules));
    case "unsent":
      return settle(giveFlightBack(flight, at, rules));
    default:
      throw new Error("an attempt ended in no known way", { cause: outcome satisfies never });
  }
}

/** Gives a marked target back that waits for its turn; what the carrier took of it before it throttled is kept. */
export function giveFlightBack(flight: Flight, at: Micros, rules: OutcomeRules): Settlement {
  const { target, markedAt, throttles } = flight;
  return throttles === 0 ? releaseTarget(target, at, rules.node, markedAt) : comeBack(flight, at, rules, at);
}

/** What settles a marked flight whose turn has come and that is not to be handed to the carrier; null when it is. */
export function settledInstead(flight: Flight, at: Micros, rules: OutcomeRules): Settlement | null {
  if (flight.isOptedOut) return endOptedOut(flight, at, rules);
  if (flight.target.expiresAt <= at) return expireTarget(flight.target, at, rules.node, flight);
  return isToPutOff(flight, at) ? putOff(flight, at, rules) : null;
}

function endOptedOut(flight: Flight, at: Micros, rules: OutcomeRules): Settlement {
  const settlement = base(flight, at, rules, { at, what: "opted_out" });
  return { ...settlement, outcome: "failed", status: "failed", failure: OPTED_OUT_MEANWHILE };
}

/** Throttled so often in its first flight, a target is put off; in a later one it is at the first time. */
const THROTTLES_MAX = 5;
/** Nor does it wait for longer under its mark: receipts of parts that were taken wait 15 minutes for their keys to be stored. */
const THROTTLED_MAX_MS = 10_000;

/**
 * Whether others should have their turn before a flight. Throttled ones go first, so one that a carrier always throttles (the
 * handset's own queue is full there, say) would hold up all others.
 */
export function isToPutOff({ target, throttles, trail }: Flight, at: Micros): boolean {
  if (throttles === 0) return false;
  const firstAt = trail[0]?.at ?? at;
  return target.attempts > 0 || throttles >= THROTTLES_MAX || addMs(firstAt, THROTTLED_MAX_MS) <= at;
}

/** Puts a throttled flight off, as after any other refusal for now. */
export function putOff(flight: Flight, at: Micros, rules: OutcomeRules): Settlement {
  return comeBack(flight, at, rules, addMs(at, backOffMs(flight.target.attempts, rules.random())));
}

function comeBack(flight: Flight, at: Micros, rules: OutcomeRules, dueAt: Micros): Settlement {
  const { receiptKeys, target } = flight;
  const receiptDueAt = dueAtOf(receiptKeys, at, rules);
  const { partStates } = target;
  return { ...base(flight, at, rules), outcome: "retry", dueAt, partStates, receiptKeys, receiptDueAt };
}

/**
 * Another carrier if this one says that it may help and there is one that can take it; else the end. A text whose parts were
 * not all answered for goes to another carrier only where the policy is to send again what may have been sent.
 */
function refusal(
  flight: Flight,
  outcome: SubmitOutcome & { kind: "refused" },
  at: Micros,
  rules: OutcomeRules,
): Settlement {
  const { target } = flight;
  const { unanswered } = outcome;
  const refused = { ...flightFacts(flight, at, "refused", outcome.words), tookMs: outcome.tookMs };
  const facts: readonly TrailEntry[] =
    unanswered === undefined ? [refused] : [unknownFacts(flight, unanswered.words, at, rules), refused];
  const next = outcome.elsewhere ? nextCarrier(target, rules) : null;
  if (next === null) {
    const { failure } = outcome;
    return { ...base(flight, at, rules, ...facts), outcome: "failed", status: "failed", failure };
  }
  if (unanswered !== undefined && rules.policy === "hold")
    return hold(flight, unanswered, at, rules, ...facts, { at, what: "held", carrier: target.carrierId });
  const settlement = base(flight, at, rules, ...facts, rerouted(next, at));
  return { ...settlement, outcome: "rerouted", ...next, dueAt: at };
}

/**
 * To this carrier again or to none: it may have it, and at another it would surely be a second one. One that answers nothing counts
 * as down all the same: others stand in for it.
 */
function afterUnknown(
  flight: Flight,
  outcome: SubmitOutcome & { kind: "unknown" },
  at: Micros,
  rules: OutcomeRules,
): Settlement {
  const { carrierId, attempts } = flight.target;
  const held = holdOf(rules.policy, { carrier: carrierId, at, attempts: attempts + 1 });
  if (held !== null)
    return hold(flight, outcome, at, rules, unknownFacts(flight, outcome.words, at, rules), held);
  return (
    leaveSilent(flight, outcome.words, at, rules) ?? retry(flight, outcome, at, rules, "unknown_outcome", 0)
  );
}

/**
 * What was tried in vain over a lane on trial goes to another carrier, if one stands in: here it would be tried again, and again.
 * Attempts go on counting there: carriers that are silent in turn must not have five each, time after time.
 */
function leaveSilent(flight: Flight, words: string, at: Micros, rules: OutcomeRules): Settlement | null {
  if (!flight.line.isOnTrial) return null;
  const { carrierId, attempts } = flight.target;
  const up = rules.carriersUp();
  const next = up.includes(carrierId) ? null : nextCarrier(flight.target, rules, (id) => up.includes(id));
  if (next === null) return null;
  const facts = [
    flightFacts(flight, at, "unknown_outcome", words),
    { at, what: "carrier_down", carrier: carrierId },
    rerouted(next, at),
  ];
  const fallbacks = [...next.fallbacks, carrierId]; // only down: it may have it later
  const settlement = base(flight, at, rules, ...facts);
  return { ...settlement, outcome: "rerouted", ...next, fallbacks, dueAt: at, attempts: attempts + 1 };
}

function retry(
  flight: Flight,
  outcome: SubmitOutcome & { kind: "later" | "unknown" },
  at: Micros,
  rules: OutcomeRules,
  what: string,
  atLeastMs: number,
): Settlement {
  const { partStates, words } = outcome;
  const receiptKeys = mergeKeys(flight.receiptKeys, outcome.receiptKeys);
  const waitMs = Math.max(backOffMs(flight.target.attempts, rules.random()), atLeastMs);
  return {
    ...base(flight, at, rules, flightFacts(flight, at, what, words)),
    outcome: "retry",
    dueAt: addMs(at, waitMs),
    partStates,
    receiptKeys,
    receiptDueAt: dueAtOf(receiptKeys, at, rules),
  };
}

/** Nobody knows what became of a part, and nobody sends it again; what was answered for is known. */
function hold(
  flight: Flight,
  { partStates, receiptKeys: newKeys }: UnansweredParts,
  at: Micros,
  rules: OutcomeRules,
  ...facts: readonly TrailEntry[]
): Settlement {
  const receiptKeys = mergeKeys(flight.receiptKeys, newKeys);
  const receiptDueAt = dueAtOf(receiptKeys, at, rules);
  return { ...base(flight, at, rules, ...facts), outcome: "held", partStates, receiptKeys, receiptDueAt };
}

/** Remembers which parts were taken before the carrier throttled; the first throttle goes on the trail, not each. */
function throttled(flight: Flight, outcome: SubmitOutcome & { kind: "later" }, at: Micros): Progress {
  const target = { ...flight.target, partStates: outcome.partStates };
  return {
    target,
    parts: partsToSend(target),
    receiptKeys: mergeKeys(flight.receiptKeys, outcome.receiptKeys),
    throttles: flight.throttles + 1,
    trail: flight.trail.length > 0 ? flight.trail : [flightFacts(flight, at, "throttled", outcome.words)],
  };
}

/** How many parts the carrier has not taken yet; at least 1. */
export function partsToSend({ parts, partStates }: OutboundTarget): number {
  if (partStates === "") return Math.max(1, parts);
  let waiting = 0;
  for (const state of partStates) if (state === "q") waiting++;
  return Math.max(1, waiting);
}

function base(flight: Flight, at: Micros, { node }: OutcomeRules, ...facts: readonly TrailEntry[]) {
  const { target, markedAt, trail } = flight;
  return settlementOf(target, at, node, markedAt, [...trail, ...facts]);
}

function flightFacts({ target, line }: Flight, at: Micros, what: string, words: string): TrailEntry {
  const facts = { at, what, carrier: target.carrierId, bind: line.lane.bind, attempt: target.attempts + 1 };
  return words === "" ? facts : { ...facts, words };
}

function unknownFacts(flight: Flight, words: string, at: Micros, { node }: OutcomeRules): TrailEntry {
  return { ...flightFacts(flight, at, "unknown_outcome", words), node };
}

/** Keys of parts that were taken in an earlier submission of the same flight stay. */
function mergeKeys(
  before: readonly (string | null)[],
  now: readonly (string | null)[],
): readonly (string | null)[] {
  if (before.length === 0) return now;
  return Array.from(
    { length: Math.max(before.length, now.length) },
    (_, part) => now[part] ?? before[part] ?? null,
  );
}

/** No key means that no receipt can be matched: waiting for one would end a sent target as dlr_timeout. */
function dueAtOf(
  keys: readonly (string | null)[],
  at: Micros,
  { receiptTimeoutMs }: OutcomeRules,
): Micros | null {
  return keys.some((key) => key !== null) ? addMs(at, receiptTimeoutMs) : null;
}

function settle(settlement: Settlement): Ruling {
  return { kind: "settle", settlement };
}
