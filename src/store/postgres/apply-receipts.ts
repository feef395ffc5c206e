import type { Receipt } from "../../domain/receipt.ts";
import type { ReceiptOutcome } from "../receiving-receipts.ts";
import { type CarrierKey, hasParked } from "./parked-receipts.ts";
import { receiveAll, unpark } from "./receipt-applier.ts";
import { moveTargets } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

/** Applies a pile of receipts in order. Applied again after a commit of unknown outcome, they are noted and move nothing. */
export async function applyReceipts(
  context: WriterContext,
  pile: readonly (readonly Receipt[])[],
): Promise<readonly (readonly ReceiptOutcome[])[]> {
  const receipts = pile.flat();
  const outcomes = await moveTargets(context, (unit) => receiveAll(unit, context, receipts));
  const parked = receipts.filter((_, index) => outcomes[index]?.kind === "parked");
  lookAgain(
    context,
    parked.flatMap(({ carrierId, keys }) => keys.map((key) => ({ carrierId, key }))),
  );
  let taken = 0;
  return pile.map(({ length }) => outcomes.slice(taken, (taken += length)));
}

/**
 * Looks, after a commit, whether a receipt and its key passed each other: neither transaction saw what the other had not
 * committed yet. Of the two the one that commits last sees both.
 */
export function lookAgain(context: WriterContext, keys: readonly CarrierKey[]): void {
  if (keys.length === 0) return;
  context.later(async () => {
    if (!(await hasParked(context.database, keys))) return;
    await moveTargets(context, (unit) => unpark(unit, context, keys));
  });
}
