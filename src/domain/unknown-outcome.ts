/** What happens to a target that was written and never answered for (lost connection, crash): the operator's choice per carrier. */
export type UnknownOutcomePolicy = "resend" | "hold";
