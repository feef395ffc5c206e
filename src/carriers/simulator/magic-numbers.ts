import { COMMAND_STATUS } from "../../smpp/pdu/command-status.ts";
import type { MessageStateName } from "../../smpp/pdu/message-state.ts";

/** How the SMSC takes a message. */
export type Taking =
  | { readonly kind: "taken"; readonly delayMs?: number; readonly withoutId?: boolean }
  /** `times` null: always. */
  | {
      readonly kind: "refused";
      readonly commandStatus: number;
      readonly times: number | null;
      readonly asNack?: boolean;
    }
  | { readonly kind: "unanswered" }
  | { readonly kind: "dropped" }
  | { readonly kind: "unbound" };

/** What comes of a message that was taken; `err` is the GSM network's error, 0 for none. */
export interface Ending {
  readonly state: MessageStateName;
  readonly err: number;
  readonly receipt:
    | "usual"
    | "none"
    | "late"
    | "before-response"
    | "three-times"
    | "after-enroute"
    | "then-enroute";
}

/** What happens to messages to one number. */
export interface Fate {
  readonly taking: Taking;
  readonly ending: Ending;
}

/** How late a late receipt is. */
export const LATE_RECEIPT_MS = 30_000;

const TAKEN: Taking = { kind: "taken" };
const DELIVERED: Ending = { state: "DELIVERED", err: 0, receipt: "usual" };
/** What happens to messages to any number that is not in the table. */
export const USUAL_FATE: Fate = { taking: TAKEN, ending: DELIVERED };

/**
 * Numbers that end in these eight digits play a part, whatever stands before them: +31600000002 is unreachable. All others are
 * delivered. `sandbox` documentation is made from this table.
 */
export const MAGIC_NUMBERS: Readonly<Record<string, Fate & { readonly meaning: string }>> = {
  "00000001": ends("Delivered.", "DELIVERED", 0),
  "00000002": ends("Failed: unreachable (UNDELIV, absent subscriber).", "UNDELIVERABLE", 27),
  "00000003": ends("Failed: not a number in use (UNDELIV, unknown subscriber).", "UNDELIVERABLE", 1),
  "00000004": ends("Failed: blocked (UNDELIV, call barred).", "UNDELIVERABLE", 13),
  "00000005": ends("Failed: rejected by the carrier after it was taken (REJECTD).", "REJECTED", 8),
  "00000006": ends("Failed: expired (EXPIRED).", "EXPIRED", 0),
  "00000007": ends("Failed: deleted by the carrier (DELETED).", "DELETED", 0),
  "00000008": ends(
    "The carrier says that it does not know (UNKNOWN): sent, until the receipt's deadline.",
    "UNKNOWN",
    0,
  ),
  "00000009": ends("Failed: skipped (message_state 9).", "SKIPPED", 0),
  "00000010": ends("No receipt ever comes.", "DELIVERED", 0, "none"),
  "00000011": ends("Delivered; the receipt comes after 30 seconds.", "DELIVERED", 0, "late"),
  "00000012": ends("Delivered; the receipt comes before the answer.", "DELIVERED", 0, "before-response"),
  "00000013": ends("Delivered; the receipt comes three times.", "DELIVERED", 0, "three-times"),
  "00000014": ends("Delivered, after a receipt that says enroute.", "DELIVERED", 0, "after-enroute"),
  "00000015": ends("Delivered; a receipt that says enroute comes after it.", "DELIVERED", 0, "then-enroute"),
  "00000016": takes("Taken after 5 seconds, then delivered.", { kind: "taken", delayMs: 5_000 }),
  "00000017": takes("Taken without a message id: no receipt can be matched.", {
    kind: "taken",
    withoutId: true,
  }),
  "00000018": takes("Never answered.", { kind: "unanswered" }),
  "00000019": takes("The connection is dropped instead of an answer.", { kind: "dropped" }),
  "00000020": takes("Taken, then the carrier unbinds.", { kind: "unbound" }),
  "00000021": refuses("ESME_RINVDSTADR"),
  "00000022": refuses("ESME_RINVSRCADR"),
  "00000023": refuses("ESME_RINVMSGLEN"),
  "00000024": refuses("ESME_RSUBMITFAIL"),
  "00000025": refuses("ESME_RX_P_APPN"),
  "00000026": refuses("ESME_RX_R_APPN"),
  "00000027": refuses("ESME_RINVSERTYP"),
  "00000028": refuses("ESME_RINVESMCLASS"),
  "00000029": takes("Refused with a vendor's own error, 0x0000040a.", {
    kind: "refused",
    commandStatus: 0x40a,
    times: null,
  }),
  "00000030": takes("Refused with generic_nack.", {
    kind: "refused",
    commandStatus: COMMAND_STATUS.ESME_RINVCMDID,
    times: null,
    asNack: true,
  }),
  "00000031": refusesTwice("ESME_RTHROTTLED"),
  "00000032": refusesTwice("ESME_RMSGQFUL"),
  "00000033": refusesTwice("ESME_RSYSERR"),
  "00000034": refusesTwice("ESME_RX_T_APPN"),
  "00000035": refuses("ESME_RSYSERR"),
};

const MAGIC_DIGITS = 8;

/** What happens to messages to this number. */
export function fateOf(destination: string): Fate {
  return MAGIC_NUMBERS[destination.slice(-MAGIC_DIGITS)] ?? USUAL_FATE;
}

function ends(
  meaning: string,
  state: MessageStateName,
  err: number,
  receipt: Ending["receipt"] = "usual",
): Fate & { readonly meaning: string } {
  return { meaning, taking: TAKEN, ending: { state, err, receipt } };
}

function takes(meaning: string, taking: Taking): Fate & { readonly meaning: string } {
  return { meaning, taking, ending: DELIVERED };
}

function refuses(name: keyof typeof COMMAND_STATUS): Fate & { readonly meaning: string } {
  return takes(`Refused with ${name}.`, {
    kind: "refused",
    commandStatus: COMMAND_STATUS[name],
    times: null,
  });
}

function refusesTwice(name: keyof typeof COMMAND_STATUS): Fate & { readonly meaning: string } {
  return takes(`Refused with ${name} twice, then delivered.`, {
    kind: "refused",
    commandStatus: COMMAND_STATUS[name],
    times: 2,
  });
}
