import type { Guard } from "../auth/guard.ts";
import { decideHeld, type DecideHeldDeps } from "../decide-held.ts";
import { type Door, principalOf } from "../door.ts";
import { HELD_DECISION_PARAMETERS } from "../held-query.ts";
import { answers } from "../schemas/answers.ts";
import { HeldDecisionSchema } from "../schemas/held.ts";

const schema = {
  tags: ["Messages"],
  summary: "Send once more what a carrier holds",
  description:
    "A bounded number of targets with each request: ask again with `next_page_token` until it is empty. Handsets may get a text twice.",
  response: answers("What this request decided about.", HeldDecisionSchema),
};

/** `POST /v1.0/held/resend`. */
export function heldResend(door: Door, deps: DecideHeldDeps & { readonly guard: Guard }): void {
  const options = {
    schema,
    onRequest: deps.guard.customer,
    config: { parameters: HELD_DECISION_PARAMETERS },
  };
  door.post("/v1.0/held/resend", options, (request) =>
    decideHeld(deps, "resend", principalOf(request), request.query),
  );
}
