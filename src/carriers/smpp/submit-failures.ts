import type { FailureCode } from "../../domain/failure.ts";
import { COMMAND_STATUS, commandStatusName, type CommandStatusName } from "../../smpp/pdu/command-status.ts";

/**
 * What a command status in a submit_sm_resp means for the message.
 * `later`: try again; `throttled`: the same, but it is our pace that is wrong, not the message; `doubtful`: carriers use it for
 * troubles of the moment and for good, so it is tried a few times; `refused`: this carrier will never take it.
 */
export type StatusMeaning =
  | { readonly kind: "later" | "throttled" }
  | { readonly kind: "doubtful" | "refused"; readonly code: FailureCode; readonly elsewhere: boolean };

/** So often a carrier is given a message that it answers with an error of the doubtful kind. */
export const DOUBTFUL_ATTEMPTS = 3;

const LATER: StatusMeaning = { kind: "later" };
const THROTTLED: StatusMeaning = { kind: "throttled" };

/** Refused here, for a reason that another carrier may see otherwise. */
function refused(code: FailureCode): StatusMeaning {
  return { kind: "refused", code, elsewhere: true };
}

/** Refused for what the message is: going around it by way of another carrier would be wrong. */
function forbidden(code: FailureCode): StatusMeaning {
  return { kind: "refused", code, elsewhere: false };
}

function doubtful(code: FailureCode): StatusMeaning {
  return { kind: "doubtful", code, elsewhere: true };
}

/** Statuses that say something of the message; what is not here is refused with the code `unknown` and may go elsewhere. */
const MEANINGS: Partial<Record<CommandStatusName, StatusMeaning>> = {
  ESME_RINVMSGLEN: refused("content_rejected"),
  // The bind is not what we think it is: a new one will be (smpp-lane.ts).
  ESME_RINVBNDSTS: LATER,
  ESME_RALYBND: LATER,
  ESME_RBINDFAIL: LATER,
  ESME_RSYSERR: LATER,
  ESME_RINVSRCADR: refused("sender_not_allowed"),
  ESME_RINVDSTADR: refused("invalid_destination"),
  // The window or the queue is full (SMPP 3.4 §5.1.3), so carriers use it like the next one.
  ESME_RMSGQFUL: THROTTLED,
  ESME_RTHROTTLED: THROTTLED,
  ESME_RSUBMITFAIL: doubtful("unknown"),
  ESME_RUNKNOWNERR: doubtful("unknown"),
  ESME_RINVSRCTON: refused("sender_not_allowed"),
  ESME_RINVSRCNPI: refused("sender_not_allowed"),
  ESME_RINVSRCADDRSUBUNIT: refused("sender_not_allowed"),
  ESME_RINVDSTTON: refused("invalid_destination"),
  ESME_RINVDSTNPI: refused("invalid_destination"),
  ESME_RINVDSTADDRSUBUNIT: refused("invalid_destination"),
  ESME_RX_T_APPN: LATER,
  ESME_RX_P_APPN: refused("blocked_by_carrier"),
  ESME_RX_R_APPN: refused("blocked_by_carrier"),
  ESME_RINVEXPIRY: refused("unknown"),
  ESME_RINVDCS: refused("content_rejected"),
  ESME_RDELIVERYFAILURE: refused("unreachable"),
  ESME_RSERTYPUNAUTH: refused("sender_not_allowed"),
  ESME_RPROHIBITED: forbidden("blocked_by_carrier"),
  ESME_RSERTYPUNAVAIL: LATER,
  ESME_RSERTYPDENIED: refused("sender_not_allowed"),
};

const UNKNOWN: StatusMeaning = refused("unknown");

/** The meanings by code, with the operator's own list of temporary codes over them. */
export class StatusMeanings {
  readonly #meanings = new Map<number, StatusMeaning>();

  constructor(temporaryStatuses: readonly number[] = []) {
    for (const [name, meaning] of Object.entries(MEANINGS)) {
      // Object.entries widens the keys to string; they are the table's own.
      this.#meanings.set(COMMAND_STATUS[name as CommandStatusName], meaning);
    }
    for (const code of temporaryStatuses) this.#meanings.set(code, LATER);
  }

  /** The meaning of an error; ESME_ROK is none. */
  of(commandStatus: number): StatusMeaning {
    return this.#meanings.get(commandStatus) ?? UNKNOWN;
  }
}

/** A sentence for people, with the carrier's own name for the error. */
export function refusalSentence(commandStatus: number): string {
  const name = commandStatusName(commandStatus);
  const reason = SENTENCES[name];
  return reason === undefined
    ? `The carrier refused the message with ${name}.`
    : `The carrier refused the message: ${reason} (${name}).`;
}

const SENTENCES: Readonly<Record<string, string>> = {
  ESME_RINVMSGLEN: "it is too long",
  ESME_RINVSRCADR: "the sender is not allowed",
  ESME_RINVSRCTON: "the sender's type of number is not allowed",
  ESME_RINVSRCNPI: "the sender's numbering plan is not allowed",
  ESME_RINVDSTADR: "the destination is no number it delivers to",
  ESME_RINVDSTTON: "the destination's type of number is not allowed",
  ESME_RINVDSTNPI: "the destination's numbering plan is not allowed",
  ESME_RINVSERTYP: "the service type is not known to it",
  ESME_RINVESMCLASS: "the esm_class is not allowed",
  ESME_RINVEXPIRY: "the validity period is not allowed",
  ESME_RINVDCS: "the data coding is not allowed",
  ESME_RMISSINGOPTPARAM: "a parameter that it requires is missing",
  ESME_RX_P_APPN: "it will not deliver it",
  ESME_RX_R_APPN: "it was rejected",
  ESME_RPROHIBITED: "it is not permitted",
};
