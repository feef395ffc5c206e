import type { Failure } from "../../domain/failure.ts";
import type { CustomerId, MessageId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { Receipt } from "../../domain/receipt.ts";
import { isOtherReading } from "../../domain/receipt-key.ts";
import { mayFollow } from "../../domain/target-status.ts";
import type { ReceiptOutcome } from "../receiving-receipts.ts";
import { digitsOfColumn } from "./address-column.ts";
import { type CarrierKey, findParked, parkReceipts, removeParked } from "./parked-receipts.ts";
import { endsFromElsewhere, rollUp, withPart } from "../part-roll-up.ts";
import type { QueuedTarget } from "./queue-rows.ts";
import type { KnownPart } from "./receipt-keys.ts";
import { placeOf, type TargetState, trailColumn } from "./target-rows.ts";
import type { UnitOfWork } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

/** National and international spellings of a number agree in their last digits. */
const DIGITS_COMPARED = 7;

/** Applies receipts in order, and parks those of which nothing is known (promise P4: forward only). */
export async function receiveAll(
  unit: UnitOfWork,
  context: WriterContext,
  receipts: readonly Receipt[],
): Promise<readonly ReceiptOutcome[]> {
  const applier = await ReceiptApplier.prepare(unit, receipts);
  const outcomes = receipts.map((receipt) => applier.receive(receipt));
  await applier.stopSending();
  const parked = receipts.filter((_, index) => outcomes[index]?.kind === "parked");
  if (parked.length > 0) await parkReceipts(unit.session, context, parked);
  return outcomes;
}

/** Applies the receipts that came under keys before these were known. The keys are written already. */
export async function unpark(
  unit: UnitOfWork,
  context: WriterContext,
  keys: readonly CarrierKey[],
): Promise<void> {
  const waiting = await findParked(unit.session, keys);
  if (waiting.length === 0) return;
  const applier = await ReceiptApplier.prepare(
    unit,
    waiting.map(({ receipt }) => receipt),
  );
  const taken = await removeParked(
    unit.session,
    waiting.filter(({ receipt }) => applier.knows(receipt)),
  );
  if (taken.length > 0)
    await receiveAll(
      unit,
      context,
      taken.map(({ receipt }) => receipt),
    );
}

/** Moves targets by receipts, with all that these may mean read before. */
class ReceiptApplier {
  readonly #unit: UnitOfWork;
  readonly #known: ReadonlyMap<string, readonly KnownPart[]>;
  readonly #settled = new Set<KnownPart>();
  readonly #toStop: QueuedTarget[] = [];

  private constructor(unit: UnitOfWork, known: ReadonlyMap<string, readonly KnownPart[]>) {
    this.#unit = unit;
    this.#known = known;
  }

  static async prepare(unit: UnitOfWork, receipts: readonly Receipt[]): Promise<ReceiptApplier> {
    const keys = new Map<string, CarrierKey>();
    for (const { carrierId, keys: ofReceipt } of receipts)
      for (const key of ofReceipt) keys.set(`${carrierId} ${key}`, { carrierId, key });
    const parts = await unit.keys.find([...keys.values()]);
    await unit.targets.hold(parts.map(({ target }) => target));
    const known = Map.groupBy(parts, ({ carrierId, key }) => `${carrierId} ${key}`);
    return new ReceiptApplier(unit, known);
  }

  /** Whether some part may be meant by a receipt. */
  knows(receipt: Receipt): boolean {
    return receipt.keys.some((key) => this.#find(receipt, key) !== undefined);
  }

  /**
   * Applies a receipt; to be parked when nothing is known of it. The first of its keys that awaits one wins; once a key has had its
   * receipt this one is a repetition, and what the id reads as in another base is another message.
   */
  receive(receipt: Receipt): ReceiptOutcome {
    const { keys } = receipt;
    let settled: KnownPart | undefined;
    for (const [index, key] of keys.entries()) {
      if (settled !== undefined && isOtherReading(keys, index)) continue;
      const part = this.#find(receipt, key);
      if (part !== undefined && !this.#isSettled(part))
        return this.#apply([part, ...this.#siblingsOf(part)], receipt);
      settled ??= part;
    }
    if (settled === undefined) return { kind: "parked" };
    this.#unit.targets.note(settled.target, this.#trailOf(settled, receipt));
    return { kind: "noted" };
  }

  /** A target that was sent twice may hear of the first while it waits for the second: it need not go again. */
  async stopSending(): Promise<void> {
    const { queue } = this.#unit;
    const waiting = await queue.removeWaiting(this.#toStop);
    await queue.takeAnyLeased(this.#toStop.filter(({ target }) => !waiting.has(placeOf(target))));
    for (const { target } of this.#toStop) queue.dropBack(target);
  }

  #isSettled(part: KnownPart): boolean {
    return part.isSettled || this.#settled.has(part);
  }

  /** The first part under a key whose number may be meant, one that waits before those that had their receipts. */
  #find({ carrierId, destination }: Receipt, key: string): KnownPart | undefined {
    let settled: KnownPart | undefined;
    for (const part of this.#known.get(`${carrierId} ${key}`) ?? []) {
      const state = this.#unit.targets.read(part.target);
      if (state === undefined || !isSameNumber(state.destination, destination)) continue;
      if (!this.#isSettled(part)) return part;
      settled ??= part;
    }
    return settled;
  }

  /** Where a carrier sends one receipt for a whole message, all its parts await it under the same key. */
  #siblingsOf(first: KnownPart): readonly KnownPart[] {
    const place = placeOf(first.target);
    const known = this.#known.get(`${first.carrierId} ${first.key}`) ?? [];
    return known.filter((part) => part !== first && !this.#isSettled(part) && placeOf(part.target) === place);
  }

  /** @param awaited parts of one target that share the key. */
  #apply(awaited: readonly [KnownPart, ...KnownPart[]], receipt: Receipt): ReceiptOutcome {
    const { targets, events, keys } = this.#unit;
    const [first] = awaited;
    const { target, sentAt } = first;
    const state = targets.read(target);
    const trail = this.#trailOf(first, receipt);
    const ending = endingOf(receipt);
    if (ending === null || state === undefined) {
      targets.note(target, trail);
      return { kind: "noted" };
    }
    const isWhole = state.parts === 1;
    let { partStates } = state;
    for (const known of awaited) {
      this.#settled.add(known);
      keys.settle(known, sentAt, receipt.at);
      if (!isWhole) partStates = withPart(partStates, known.part, state.parts, ending[0]);
    }
    if (isElsewhere(state, receipt) && !endsFromElsewhere(ending[0], state)) {
      targets.note(target, trail);
      return { kind: "noted" };
    }
    const status = isWhole ? ending[1] : rollUp(partStates);
    if (status === null || !mayFollow(state.status, status)) {
      targets.write(target, { partStates, trail });
      return { kind: "noted" };
    }
    const failure = status === "failed" ? (receipt.failure ?? unnamedFailure(receipt)) : null;
    targets.write(target, { status, partStates, failure, tmUpdate: receipt.at, trail });
    events.changed(target, status, receipt.at);
    const isWaiting = state.status === "queued" || state.status === "scheduled";
    if (isWaiting && state.carrierId !== null) this.#toStop.push({ carrierId: state.carrierId, target });
    return {
      kind: "applied",
      customerId: target.customerId as CustomerId, // a customer_id column
      messageId: target.messageId as MessageId, // a message_id column
      status,
      sentAt: micros(sentAt),
    };
  }

  #trailOf({ target }: KnownPart, receipt: Receipt): string {
    const state = this.#unit.targets.read(target);
    return trailColumn([
      {
        at: receipt.at,
        what: "receipt",
        ...(isElsewhere(state, receipt) && { carrier: receipt.carrierId }),
        ...(receipt.words !== "" && { words: receipt.words }),
      },
    ]);
  }
}

/** Whether another carrier than the receipt's has the target now. */
function isElsewhere(state: TargetState | undefined, { carrierId }: Receipt): boolean {
  const current = state?.carrierId ?? null;
  return current !== null && current !== carrierId;
}

/** What a receipt makes of its part and, when that is the only one, of the target; null when it ends nothing. */
function endingOf({ state }: Receipt): readonly ["d", "delivered"] | readonly ["f", "failed"] | null {
  if (state === "delivered") return ["d", "delivered"];
  return state === "failed" || state === "expired" ? ["f", "failed"] : null;
}

function unnamedFailure({ state }: Receipt): Failure {
  if (state !== "expired")
    return { code: "unknown", carrierCode: "", message: "The carrier reported a failure." };
  return { code: "expired", carrierCode: "", message: "The carrier could not deliver it in time." };
}

/** Whether a carrier's spelling of a number may mean the target's; an empty one may mean any, and any an erased one. */
function isSameNumber(destination: string, reported: string): boolean {
  if (reported === "") return true;
  const ours = digitsOfColumn(destination);
  const compared = Math.min(ours.length, reported.length, DIGITS_COMPARED);
  return compared === 0 || ours.slice(-compared) === reported.slice(-compared);
}
