import type { Failure } from "./failure.ts";
import { type CustomerId, timeOfId } from "./ids.ts";
import type { Micros } from "./micros.ts";
import type { OutboundTarget } from "./outbound-target.ts";
import { digitsOf } from "./owned-number.ts";

/** That a handset wants to hear no more from a sender; both as `digitsOf` spells them. */
export interface OptOut {
  readonly customerId: CustomerId;
  readonly sender: string;
  readonly handset: string;
  readonly since: Micros;
}

/** What ends a target whose handset opted out after its message was accepted. */
export const OPTED_OUT_MEANWHILE: Failure = {
  code: "recipient_opted_out",
  carrierCode: "",
  message: "The recipient opted out while the message waited.",
};

/** Whether an opt-out ends a target. What was accepted later was checked then, and the answer to STOP itself must go. */
export function isEndedBy(
  { customerId, sender, handset, since }: OptOut,
  target: Pick<OutboundTarget, "customerId" | "messageId" | "source" | "destination">,
): boolean {
  return (
    target.customerId === customerId &&
    since > timeOfId(target.messageId) &&
    digitsOf(target.destination.target) === handset &&
    digitsOf(target.source.target) === sender
  );
}
