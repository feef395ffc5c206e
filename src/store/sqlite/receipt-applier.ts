import type { Failure } from "../../domain/failure.ts";
import type { CustomerId, MessageId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { Receipt } from "../../domain/receipt.ts";
import { isOtherReading } from "../../domain/receipt-key.ts";
import { mayFollow, type TargetStatus } from "../../domain/target-status.ts";
import type { ReceiptOutcome } from "../receiving-receipts.ts";
import { digitsOfColumn } from "./address-column.ts";
import type { EventFolder } from "./event-folder.ts";
import type { ParkedReceipts } from "./parked-receipts.ts";
import { endsFromElsewhere, rollUp, withPart } from "../part-roll-up.ts";
import type { QueueRows } from "./queue-rows.ts";
import type { KnownPart, ReceiptKeys } from "./receipt-keys.ts";
import { DIGITS_COMPARED, type TargetRef, targetRef, type TargetRows, trailColumn } from "./target-rows.ts";

/** Finds the target of a receipt and moves it (promise P4: forward only). */
export class ReceiptApplier {
  readonly #targets: TargetRows;
  readonly #queue: QueueRows;
  readonly #keys: ReceiptKeys;
  readonly #parked: ParkedReceipts;
  readonly #events: EventFolder;

  constructor(
    targets: TargetRows,
    queue: QueueRows,
    keys: ReceiptKeys,
    parked: ParkedReceipts,
    events: EventFolder,
  ) {
    this.#targets = targets;
    this.#queue = queue;
    this.#keys = keys;
    this.#parked = parked;
    this.#events = events;
  }

  /**
   * Applies a receipt, or parks it when nothing is known of it. The first of its keys that awaits one wins; once a key has had its
   * receipt this one is a repetition, and what the id reads as in another base is another message.
   */
  receive(receipt: Receipt): ReceiptOutcome {
    const { keys } = receipt;
    const carrier = this.#queue.carrierBytes(receipt.carrierId);
    let settled: KnownPart | undefined;
    for (const [index, key] of keys.entries()) {
      if (settled !== undefined && isOtherReading(keys, index)) continue;
      const ended = this.#endAwaited(carrier, key, receipt);
      if (ended !== null) return ended;
      const isWanted = ({ state }: KnownPart) => isSameNumber(state.destination, receipt.destination);
      const known = this.#keys.known(carrier, key, isWanted);
      const part = known.find(isWanted);
      if (part !== undefined && !part.isSettled)
        return this.#apply(carrier, key, partsOfOneReceipt(part, known), receipt);
      settled ??= part;
    }
    if (settled !== undefined) return this.#note(settled, receipt);
    this.#parked.park(carrier, receipt);
    return { kind: "parked" };
  }

  /** Applies the receipts that came under a key before it was known; false when there were none. */
  receiveParked(carrier: Uint8Array, key: string, target: TargetRef): boolean {
    let cameEarly = false;
    for (const { id, receipt } of this.#parked.waiting(carrier, key)) {
      if (!this.#isFor(target, receipt)) continue;
      this.#parked.remove(carrier, id, receipt);
      this.receive(receipt);
      cameEarly = true;
    }
    return cameEarly;
  }

  #isFor(target: TargetRef, receipt: Receipt): boolean {
    const state = this.#targets.read(target);
    return state !== undefined && isSameNumber(state.destination, receipt.destination);
  }

  #note({ target, isElsewhere }: KnownPart, receipt: Receipt): ReceiptOutcome {
    this.#targets.note(target, trailOf(receipt, isElsewhere));
    return { kind: "noted" };
  }

  /** The way of nearly every receipt: the one part of a sent target awaits it, and it ends it. Null when it is not so. */
  #endAwaited(carrier: Uint8Array, key: string, receipt: Receipt): ReceiptOutcome | null {
    const awaited = this.#keys.awaited(carrier, key);
    if (awaited === null) return null;
    const ending = endingOf(receipt);
    const digits = receipt.destination.slice(-DIGITS_COMPARED);
    const isShort = digits !== "" && digits.length < DIGITS_COMPARED;
    if (ending === null || isShort) return null;
    const [, status] = ending;
    const { customerId, messageId, n, sentAt } = awaited;
    const target = targetRef(customerId, messageId, n);
    const failure = failureOf(status, receipt);
    const trail = trailOf(receipt, false);
    if (!this.#targets.endWhole(target, carrier, digits, { status, failure, tmUpdate: receipt.at, trail }))
      return null;
    this.#keys.settleAwaited(carrier, key, target);
    this.#events.changed(target, status, receipt.at);
    return applied(target, status, sentAt);
  }

  /** @param awaited parts of one target that share the key; at least one. */
  #apply(
    carrier: Uint8Array,
    key: string,
    awaited: readonly [KnownPart, ...KnownPart[]],
    receipt: Receipt,
  ): ReceiptOutcome {
    const [{ target, state, sentAt, isElsewhere, isAsAccepted }] = awaited;
    const ending = endingOf(receipt);
    if (ending === null) return this.#note(awaited[0], receipt);
    let { partStates } = state;
    for (const known of awaited) {
      const { part } = known;
      this.#keys.settle({ carrier, key, target, part }, known, receipt.at);
      if (state.parts > 1) partStates = withPart(partStates, part, state.parts, ending[0]);
    }
    if (isElsewhere && !endsFromElsewhere(ending[0], { parts: state.parts, isAsAccepted }))
      return this.#note(awaited[0], receipt);
    const status = state.parts > 1 ? rollUp(partStates) : ending[1];
    const trail = trailOf(receipt, isElsewhere);
    if (status === null || !mayFollow(state.status, status)) {
      this.#targets.write(target, { partStates, trail });
      return { kind: "noted" };
    }
    const failure = failureOf(status, receipt);
    this.#targets.write(target, { status, partStates, failure, tmUpdate: receipt.at, trail });
    this.#events.changed(target, status, receipt.at);
    if (state.status === "queued" || state.status === "scheduled") this.#stopSending(target);
    return applied(target, status, sentAt);
  }

  /** A target that was sent twice may hear of the first while it waits for the second: it need not go again. */
  #stopSending(target: TargetRef): void {
    const carrierId = this.#targets.read(target)?.carrierId ?? null;
    if (carrierId === null || this.#queue.removeWaiting(carrierId, target)) return;
    this.#queue.takeAnyLeased(carrierId, target);
  }
}

/** Where a carrier sends one receipt for a whole message, all its parts await it under the same key. */
function partsOfOneReceipt(
  first: KnownPart,
  known: readonly KnownPart[],
): readonly [KnownPart, ...KnownPart[]] {
  const { messageId, n } = first.target;
  const isSibling = ({ target, isSettled }: KnownPart): boolean =>
    !isSettled && target.n === n && target.messageId === messageId;
  return [first, ...known.filter((part) => part !== first && isSibling(part))];
}

/** What a receipt makes of its part and, when that is the only one, of the target; null when it ends nothing. */
function endingOf(receipt: Receipt): readonly ["d", "delivered"] | readonly ["f", "failed"] | null {
  const { state } = receipt;
  if (state === "delivered") return ["d", "delivered"];
  return state === "failed" || state === "expired" ? ["f", "failed"] : null;
}

function applied(target: TargetRef, status: TargetStatus, sentAt: number): ReceiptOutcome {
  return {
    kind: "applied",
    customerId: target.customerId as CustomerId, // the bytes of a customer_id column
    messageId: target.messageId as MessageId, // the bytes of a message_id column
    status,
    sentAt: micros(sentAt),
  };
}

function failureOf(status: TargetStatus, receipt: Receipt): Failure | null {
  return status === "failed" ? (receipt.failure ?? unnamedFailure(receipt)) : null;
}

function unnamedFailure(receipt: Receipt): Failure {
  if (receipt.state !== "expired")
    return { code: "unknown", carrierCode: "", message: "The carrier reported a failure." };
  return { code: "expired", carrierCode: "", message: "The carrier could not deliver it in time." };
}

function trailOf(receipt: Receipt, isElsewhere: boolean): string {
  return trailColumn([
    {
      at: receipt.at,
      what: "receipt",
      ...(isElsewhere && { carrier: receipt.carrierId }),
      ...(receipt.words !== "" && { words: receipt.words }),
    },
  ]);
}

/** Whether a carrier's spelling of a number may mean the target's; an empty one may mean any, and any an erased one. */
function isSameNumber(destination: string, reported: string): boolean {
  if (reported === "") return true;
  const ours = digitsOfColumn(destination);
  const compared = Math.min(ours.length, reported.length, DIGITS_COMPARED);
  return compared === 0 || ours.slice(-compared) === reported.slice(-compared);
}
