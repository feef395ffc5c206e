import type { InboundPart } from "../../domain/inbound.ts";
import type { MessageStateName } from "../../smpp/pdu/message-state.ts";
import { wantsReceipt } from "../../smpp/pdu/registered-delivery.ts";
import type { Behaviours } from "./behaviours.ts";
import { type Ending, LATE_RECEIPT_MS } from "./magic-numbers.ts";

/** One receipt to come. */
export interface PlannedReceipt {
  /** After the answer. */
  readonly afterMs: number;
  readonly state: MessageStateName;
  /** Other than the state's usual word. */
  readonly stat?: string;
  readonly err: number;
}

/** The receipts of one part that was taken, in the order in which they come. `chance` is from 0 up to 1. */
export function planReceipts(
  ending: Ending,
  registeredDelivery: number,
  concatenation: InboundPart["concatenation"],
  behaviours: Behaviours,
  chance: number,
): readonly PlannedReceipt[] {
  const isWanted =
    behaviours.unrequestedReceipts || wantsReceipt(registeredDelivery, ending.state === "DELIVERED");
  if (!isWanted || ending.receipt === "none") return [];
  if (!isAwarded(concatenation, behaviours.multipartReceipts)) return [];
  const afterMs =
    ending.receipt === "late"
      ? LATE_RECEIPT_MS
      : behaviours.receiptDelayMs + chance * behaviours.receiptJitterMs;
  const copies = ending.receipt === "three-times" ? 3 : behaviours.receiptCopies;
  const { state, err } = ending;
  const finals: readonly PlannedReceipt[] = Array.from({ length: copies }, () => ({ afterMs, state, err }));
  const intermediate = intermediateOf(behaviours.intermediateStat);
  switch (placeOfIntermediate(ending, behaviours)) {
    case "none":
      return finals;
    case "before":
      return [{ ...intermediate, afterMs: afterMs / 2 }, ...finals];
    case "after":
    default:
      // A millisecond is enough to keep the order in which the schedule runs them.
      return [...finals, { ...intermediate, afterMs: afterMs * 1.5 + 1 }];
  }
}

function placeOfIntermediate({ receipt }: Ending, { intermediate }: Behaviours): Behaviours["intermediate"] {
  if (receipt === "after-enroute") return "before";
  return receipt === "then-enroute" ? "after" : intermediate;
}

/** Which part gets the receipt where not each does. */
function isAwarded(
  concatenation: InboundPart["concatenation"],
  rule: Behaviours["multipartReceipts"],
): boolean {
  if (concatenation === null || rule === "each") return true;
  const { reference, sequence, total } = concatenation;
  if (rule === "first") return sequence === 1;
  if (rule === "last") return sequence === total;
  return sequence === (reference % total) + 1;
}

function intermediateOf(stat: Behaviours["intermediateStat"]): Omit<PlannedReceipt, "afterMs"> {
  switch (stat) {
    case "ENROUTE":
    case "BUFFRED":
      return { state: "ENROUTE", stat, err: 0 };
    case "ACCEPTD":
    case "ACKED":
      return { state: "ACCEPTED", stat, err: 0 };
    case "SCHEDULED":
      return { state: "SCHEDULED", err: 0 };
    default:
      return stat satisfies never;
  }
}
