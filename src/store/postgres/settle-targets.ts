import { isFinal, mayFollow } from "../../domain/target-status.ts";
import type { Settlement, SettlementResult } from "../queueing.ts";
import { lookAgain } from "./apply-receipts.ts";
import type { CarrierKey } from "./parked-receipts.ts";
import { allTaken, rollUp, withReported } from "../part-roll-up.ts";
import { type LeasedRow, leasedPlace } from "./queue-rows.ts";
import { unpark } from "./receipt-applier.ts";
import { type TargetState, trailColumn } from "./target-rows.ts";
import { moveTargets, type UnitOfWork } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

type Arm<Outcome extends Settlement["outcome"]> = Extract<Settlement, { readonly outcome: Outcome }>;

/** What may name parts that the carrier took. */
type WithKeys = Arm<"sent" | "retry" | "held">;

/** How the arms know what became of a target, beside the settlement. */
interface Settling {
  readonly unit: UnitOfWork;
  readonly state: TargetState;
  readonly row: LeasedRow;
  readonly trail: string;
}

/**
 * Ends a pile of attempts. After a commit of unknown outcome they may be ended again: whatever was written is then stale and
 * moves nothing, not even where the node has claimed and marked the target again since, for that mark is another.
 */
export async function settleTargets(
  context: WriterContext,
  pile: readonly (readonly Settlement[])[],
): Promise<readonly (readonly SettlementResult[])[]> {
  const settlements = pile.flat();
  const keys = settlements.flatMap((settlement) => keysOf(settlement).filter((known) => known !== null));
  const results = await moveTargets(context, async (unit) => {
    const isApplied = await settleAll(unit, settlements);
    await unparkEarly(unit, context, keys);
    return settlements.map((settlement, index): SettlementResult => {
      const status = unit.targets.read(settlement)?.status;
      return isApplied[index] === true && status !== undefined
        ? { kind: "applied", status }
        : { kind: "stale" };
    });
  });
  lookAgain(context, keys);
  let taken = 0;
  return pile.map(({ length }) => results.slice(taken, (taken += length)));
}

/** Settles in order; answers which of them were the node's to settle. */
async function settleAll(unit: UnitOfWork, settlements: readonly Settlement[]): Promise<readonly boolean[]> {
  const holding = unit.targets.hold(settlements); // its statement goes first, and both at once
  const taking = unit.queue.endLeases(
    settlements.map((settlement) => ({
      carrierId: settlement.carrierId,
      target: settlement,
      node: settlement.node,
      markedAt: settlement.markedAt,
    })),
  );
  const [, leased] = await Promise.all([holding, taking]);
  return settlements.map((settlement) => {
    const place = leasedPlace(settlement.carrierId, settlement);
    const row = leased.get(place);
    const state = unit.targets.read(settlement);
    if (state === undefined) return false;
    if (row === undefined || row.node !== settlement.node || row.markedAt !== settlement.markedAt) {
      keepStale(unit, settlement, state);
      return false;
    }
    leased.delete(place);
    settle(settlement, { unit, state, row, trail: trailColumn(settlement.trail) });
    return true;
  });
}

function settle(settlement: Settlement, settling: Settling): void {
  switch (settlement.outcome) {
    case "sent":
      return settleSent(settlement, settling);
    case "retry":
      return goBack(settlement, settling, settlement.dueAt, false);
    case "released":
      return release(settlement, settling);
    case "held":
      return goBack(settlement, settling, settlement.at, true);
    case "rerouted":
      return settleRerouted(settlement, settling);
    case "failed":
      return settleFailed(settlement, settling);
  }
}

function settleSent(settlement: Arm<"sent">, { unit, state, trail }: Settling): void {
  const { receiptKeys, at } = settlement;
  const parts = receiptKeys.length;
  const partStates = allTaken(state.partStates, parts);
  const status = rollUp(partStates) ?? "sent";
  if (mayFollow(state.status, status)) {
    unit.targets.write(settlement, { status, parts, partStates, tmUpdate: at, trail });
    unit.events.changed(settlement, status, at);
  } else {
    unit.targets.write(settlement, { parts, partStates, trail });
  }
  awaitReceipts(unit, settlement);
}

/** Back among the waiting ones, or held, with what is known of its parts. */
function goBack(
  settlement: Arm<"retry" | "held">,
  { unit, state, row, trail }: Settling,
  dueAt: number,
  isHeld: boolean,
): void {
  unit.queue.putBack(settlement.carrierId, refOf(settlement), row, dueAt, isHeld);
  const partStates = withReported(settlement.partStates, state.partStates);
  unit.targets.write(settlement, { partStates, trail });
  awaitReceipts(unit, settlement);
}

/** Back among the waiting ones, as if it had not been taken. */
function release(settlement: Settlement, { unit, row, trail }: Settling): void {
  unit.queue.putBack(settlement.carrierId, refOf(settlement), withoutMark(row), settlement.at);
  unit.targets.note(settlement, trail);
}

function settleRerouted(settlement: Arm<"rerouted">, { unit, state, row, trail }: Settling): void {
  const { nextCarrierId, fallbacks, dueAt, parts, attempts = 0, at } = settlement;
  const moved = { ...row, attempts, fallbacks: fallbacks.join(" ") };
  unit.queue.putBack(nextCarrierId, refOf(settlement), moved, dueAt);
  const isRewritten = parts !== state.parts;
  const change = { carrierId: nextCarrierId, parts, partStates: "", trail };
  unit.targets.write(settlement, isRewritten ? { ...change, tmUpdate: at } : change);
  if (isRewritten) unit.events.changed(settlement, state.status, at);
}

function settleFailed(settlement: Arm<"failed">, { unit, state, trail }: Settling): void {
  const { status, failure, at } = settlement;
  if (!mayFollow(state.status, status)) return unit.targets.note(settlement, trail);
  unit.targets.write(settlement, { status, failure, tmUpdate: at, trail });
  unit.events.changed(settlement, status, at);
}

/** The target has gone on without this node. What the carrier took may still be reported, so its keys are kept. */
function keepStale(unit: UnitOfWork, settlement: Settlement, state: TargetState): void {
  const isOver = isFinal(state.status) && state.status !== "dlr_timeout";
  let isKept = false;
  for (const [part, known] of keysOf(settlement).entries()) {
    if (known === null) continue;
    isKept = true;
    const ref = { ...known, target: refOf(settlement), part };
    if (isOver) unit.keys.settle(ref, settlement.at, settlement.at);
    else unit.keys.await(ref, settlement.at, dueAtOf(settlement));
  }
  if (isKept) unit.targets.note(settlement, trailColumn(settlement.trail));
}

function awaitReceipts(unit: UnitOfWork, settlement: WithKeys): void {
  for (const [part, known] of keysOf(settlement).entries()) {
    if (known === null) continue;
    unit.keys.await({ ...known, target: refOf(settlement), part }, settlement.at, settlement.receiptDueAt);
  }
}

/** Applies what came for the new keys before them. */
async function unparkEarly(
  unit: UnitOfWork,
  context: WriterContext,
  keys: readonly CarrierKey[],
): Promise<void> {
  if (keys.length === 0) return;
  unit.targets.flush();
  unit.queue.flush();
  unit.keys.flush();
  await Promise.all([unpark(unit, context, keys), unit.events.prepare()]);
}

/** The keys of the parts that a settlement names, by part. */
function keysOf(settlement: Settlement): readonly (CarrierKey | null)[] {
  if (!hasKeys(settlement)) return [];
  const { carrierId, receiptKeys } = settlement;
  return receiptKeys.map((key) => (key === null ? null : { carrierId, key }));
}

function dueAtOf(settlement: Settlement): number | null {
  return hasKeys(settlement) ? settlement.receiptDueAt : null;
}

function hasKeys(settlement: Settlement): settlement is WithKeys {
  return "receiptKeys" in settlement;
}

function refOf({ customerId, messageId, n }: Settlement) {
  return { customerId, messageId, n };
}

function withoutMark(row: LeasedRow): LeasedRow {
  return row.markedAt === null ? row : { ...row, attempts: row.attempts - 1 };
}
