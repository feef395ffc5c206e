import { canonicalKey } from "../../domain/receipt-key.ts";
import { commandStatusName } from "../../smpp/pdu/command-status.ts";
import type { RequestOutcome } from "../../smpp/session/request-outcome.ts";

/** What became of one submit_sm. */
export type PartResult =
  /** `key` is the canonical message id, null when the carrier gave none (or none is wanted). */
  | { readonly kind: "taken"; readonly key: string | null; readonly words: string; readonly tookMs: number }
  | { readonly kind: "error"; readonly commandStatus: number; readonly tookMs: number }
  /** A field does not fit into a PDU: it cannot be said in SMPP at all. */
  | { readonly kind: "unwritable"; readonly field: string; readonly words: string }
  | { readonly kind: "unknown"; readonly words: string }
  | { readonly kind: "unsent"; readonly words: string };

/** Reads the outcome of a submit_sm. Without `expectsReceipt` its id is not kept as a key. */
export function partResult(outcome: RequestOutcome<unknown>, expectsReceipt: boolean): PartResult {
  switch (outcome.kind) {
    case "answered": {
      const { response, latencyMs } = outcome;
      if (response.commandStatus !== 0)
        return { kind: "error", commandStatus: response.commandStatus, tookMs: latencyMs };
      const messageId = "messageId" in response ? response.messageId : "";
      return taken(messageId, expectsReceipt, latencyMs);
    }
    case "nacked":
      return { kind: "error", commandStatus: outcome.commandStatus, tookMs: 0 };
    case "unreadable":
      // Its header says that the message was taken; only the id is lost, and sending again would be a duplicate.
      return outcome.commandStatus === 0
        ? taken("", expectsReceipt, 0)
        : { kind: "error", commandStatus: outcome.commandStatus, tookMs: 0 };
    case "timed-out":
      return { kind: "unknown", words: "no response in time" };
    case "lost":
      return { kind: "unknown", words: "connection lost before the response" };
    case "not-written":
      return { kind: "unsent", words: "connection lost before it was written" };
    default:
      return outcome satisfies never;
  }
}

/** The words of a refusal or an error, by the name that the standard gives it. */
export function errorWords(commandStatus: number): string {
  return commandStatusName(commandStatus);
}

function taken(messageId: string, expectsReceipt: boolean, tookMs: number): PartResult {
  if (messageId === "") return { kind: "taken", key: null, words: "no message id", tookMs };
  return {
    kind: "taken",
    key: expectsReceipt ? canonicalKey(messageId) : null,
    words: `id ${messageId}`,
    tookMs,
  };
}
