import type { Failure } from "../../domain/failure.ts";
import { isFinal, mayFollow, type TargetStatus } from "../../domain/target-status.ts";
import type { Settlement, SettlementResult } from "../queueing.ts";
import { STATUS_CODES, wordOf } from "./column-codes.ts";
import { idsToBytes } from "./id-bytes.ts";
import { allTaken, rollUp, withReported } from "../part-roll-up.ts";
import type { LeasedRow } from "./queue-rows.ts";
import { type TargetRef, targetRef, type TargetState, trailColumn } from "./target-rows.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export function encodeSettlements(settlements: readonly Settlement[]): Wire {
  const wire: Wire = ["settleTargets", settlements.length];
  for (const settlement of settlements) {
    const { carrierId, customerId, messageId, n, node, markedAt, at, trail, outcome } = settlement;
    wire.push(outcome, carrierId, customerId, messageId, n, node, markedAt, at, trailColumn(trail));
    encodeOutcome(wire, settlement);
  }
  return wire;
}

function encodeOutcome(wire: Wire, settlement: Settlement): void {
  switch (settlement.outcome) {
    case "sent":
      wire.push(settlement.receiptDueAt, settlement.receiptKeys.length, ...settlement.receiptKeys);
      return;
    case "retry":
    case "held":
      wire.push(settlement.receiptDueAt, settlement.receiptKeys.length, ...settlement.receiptKeys);
      wire.push(settlement.outcome === "held" ? settlement.at : settlement.dueAt, settlement.partStates);
      return;
    case "rerouted":
      wire.push(settlement.nextCarrierId, settlement.fallbacks.join(" "), settlement.dueAt, settlement.parts);
      wire.push(settlement.attempts ?? 0);
      return;
    case "failed":
      wire.push(settlement.status, settlement.failure === null ? null : JSON.stringify(settlement.failure));
      return;
    case "released":
      return;
  }
}

export function decodeSettlementResults(answer: WireReader): SettlementResult[] {
  return answer.list((item): SettlementResult => {
    const code = item.number();
    return code === STALE ? { kind: "stale" } : { kind: "applied", status: wordOf(STATUS_CODES, code) };
  });
}

const STALE = -1;

interface Settled {
  readonly carrierId: string;
  readonly target: TargetRef;
  readonly node: string;
  readonly markedAt: number | null;
  readonly at: number;
  readonly trail: string;
}

interface ReceiptTerms {
  readonly dueAt: number | null;
  readonly keys: readonly (string | null)[];
}

/** Ends attempts. Each of the arms answers the target's status after it, or null when the target was no longer the node's. */
export function settleTargets(context: WriterContext): Operation {
  const { queue, targets, events, receiptKeys, receipts } = context;

  function sent(settled: Settled, terms: ReceiptTerms): TargetStatus | null {
    const { carrierId, target, node, markedAt, at, trail } = settled;
    const isOurs =
      markedAt === null ? take(settled) !== undefined : queue.dropMarked(carrierId, target, node, markedAt);
    if (!isOurs) return stale(settled, terms);
    if (terms.keys.length > 1 || !targets.sendWhole(target, at, trail))
      sendInParts(settled, terms.keys.length);
    else events.changed(target, "sent", at);
    return awaitReceipts(settled, terms, "sent");
  }

  function take({ carrierId, target, node, markedAt }: Settled): LeasedRow | undefined {
    return queue.takeLeased(carrierId, target, node, markedAt);
  }

  /** For a target of several parts or counted as such, or one that an early receipt has moved further already. */
  function sendInParts({ target, at, trail }: Settled, parts: number): void {
    const state = targets.read(target);
    if (state === undefined) return;
    const partStates = allTaken(state.partStates, parts);
    const status = rollUp(partStates) ?? "sent";
    if (!mayFollow(state.status, status)) return targets.write(target, { parts, partStates, trail });
    targets.write(target, { status, parts, partStates, tmUpdate: at, trail });
    events.changed(target, status, at);
  }

  /** Back among the waiting ones, or held, with what is known of its parts. */
  function goBack(settled: Settled, request: WireReader, isHeld: boolean): TargetStatus | null {
    const terms = readTerms(request);
    const [dueAt, partStates] = [request.number(), request.text()];
    const { carrierId, target, trail } = settled;
    const row = take(settled);
    if (row === undefined) return stale(settled, terms);
    queue.insertWaiting(carrierId, target, row, dueAt, isHeld);
    const state = targets.read(target);
    const reported = state?.partStates ?? "";
    targets.write(target, { partStates: withReported(partStates, reported), trail });
    return awaitReceipts(settled, terms, null);
  }

  /** Indexes the keys of parts that were taken, and applies what came for them before. Answers the status after that. */
  function awaitReceipts(settled: Settled, terms: ReceiptTerms, known: TargetStatus | null): TargetStatus {
    const { target, at } = settled;
    const carrier = queue.carrierBytes(settled.carrierId);
    let status = known;
    for (const [part, key] of terms.keys.entries()) {
      if (key === null) continue;
      receiptKeys.await({ carrier, key, target, part }, at, terms.dueAt, terms.keys.length === 1);
    }
    for (const key of new Set(terms.keys)) {
      if (key !== null && receipts.receiveParked(carrier, key, target)) status = null;
    }
    return status ?? targets.read(target)?.status ?? "sent";
  }

  /** The target has gone on without this node. What the carrier took may still be reported, so its keys are kept. */
  function stale(settled: Settled, terms: ReceiptTerms): null {
    const { target, at, trail } = settled;
    const state = targets.read(target);
    if (state === undefined) return null;
    const carrier = queue.carrierBytes(settled.carrierId);
    for (const [part, key] of terms.keys.entries()) {
      if (key === null) continue;
      const ref = { carrier, key, target, part };
      if (isFinal(state.status) && state.status !== "dlr_timeout") receiptKeys.keepSettled(ref, at);
      else receiptKeys.await(ref, at, terms.dueAt, false);
      receipts.receiveParked(carrier, key, target);
    }
    if (terms.keys.some((key) => key !== null)) targets.note(target, trail);
    return null;
  }

  /** Back among the waiting ones, as if it had not been taken. */
  function release(settled: Settled): TargetStatus | null {
    const { carrierId, target, at, trail } = settled;
    const row = take(settled);
    if (row === undefined) return null;
    queue.insertWaiting(carrierId, target, withoutMark(row), at);
    targets.note(target, trail);
    return targets.read(target)?.status ?? null;
  }

  function reroute(settled: Settled, request: WireReader): TargetStatus | null {
    const [nextCarrierId, fallbackIds] = [request.text(), request.text()];
    const [dueAt, parts, attempts] = [request.number(), request.number(), request.number()];
    const { target, at, trail } = settled;
    const row = take(settled);
    const state = row === undefined ? undefined : targets.read(target);
    if (row === undefined || state === undefined) return null;
    const fallbacks = idsToBytes(fallbackIds.split(" ").filter((id) => id !== ""));
    queue.insertWaiting(nextCarrierId, target, { ...row, attempts, fallbacks }, dueAt);
    const isRewritten = parts !== state.parts;
    const carrier = queue.carrierBytes(nextCarrierId);
    targets.write(target, { carrier, parts, partStates: "", trail, ...(isRewritten && { tmUpdate: at }) });
    if (isRewritten) events.changed(target, state.status, at);
    return state.status;
  }

  function fail(settled: Settled, request: WireReader): TargetStatus | null {
    const status = request.text() as "failed" | "gw_timeout" | "canceled"; // encodeOutcome wrote it
    const json = request.textOrNull();
    const failure = json === null ? null : (JSON.parse(json) as Failure); // encodeOutcome wrote it
    const { target, at, trail } = settled;
    if (take(settled) === undefined) return null;
    const state = targets.read(target);
    if (state === undefined || !mayFollow(state.status, status)) return noted(settled, state);
    targets.write(target, { status, failure, tmUpdate: at, trail });
    events.changed(target, status, at);
    return status;
  }

  function noted({ target, trail }: Settled, state: TargetState | undefined): TargetStatus | null {
    targets.note(target, trail);
    return state?.status ?? null;
  }

  const arms: Record<Settlement["outcome"], (settled: Settled, request: WireReader) => TargetStatus | null> =
    {
      sent: (settled, request) => sent(settled, readTerms(request)),
      retry: (settled, request) => goBack(settled, request, false),
      released: release,
      held: (settled, request) => goBack(settled, request, true),
      rerouted: reroute,
      failed: fail,
    };

  function settle(request: WireReader): TargetStatus | null {
    const outcome = request.text() as Settlement["outcome"]; // encodeSettlements wrote it
    return arms[outcome](readSettled(request), request);
  }

  return (request) => {
    const settlements = request.number();
    const answer: Wire = [settlements];
    for (let index = 0; index < settlements; index++) {
      const status = settle(request);
      answer.push(status === null ? STALE : STATUS_CODES[status]);
    }
    return answer;
  };
}

function readSettled(request: WireReader): Settled {
  const carrierId = request.text();
  const target = targetRef(request.text(), request.text(), request.number());
  const [node, markedAt, at] = [request.text(), request.numberOrNull(), request.number()];
  return { carrierId, target, node, markedAt, at, trail: request.text() };
}

function readTerms(request: WireReader): ReceiptTerms {
  return { dueAt: request.numberOrNull(), keys: request.list((item) => item.textOrNull()) };
}

function withoutMark(row: LeasedRow): LeasedRow {
  return row.markedAt === null ? row : { ...row, attempts: row.attempts - 1 };
}
