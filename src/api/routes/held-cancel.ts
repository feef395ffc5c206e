import type { Guard } from "../auth/guard.ts";
import { decideHeld, type DecideHeldDeps } from "../decide-held.ts";
import { type Door, principalOf } from "../door.ts";
import { HELD_DECISION_PARAMETERS } from "../held-query.ts";
import { answers } from "../schemas/answers.ts";
import { HeldDecisionSchema } from "../schemas/held.ts";

const schema = {
  tags: ["Messages"],
  summary: "Cancel what a carrier holds",
  description:
    "A bounded number of targets with each request: ask again with `next_page_token` until it is empty. What was held may have been sent all the same. What else their messages have queued goes on.",
  response: answers("What this request decided about.", HeldDecisionSchema),
};

/** `POST /v1.0/held/cancel`. */
export function heldCancel(door: Door, deps: DecideHeldDeps & { readonly guard: Guard }): void {
  const options = {
    schema,
    onRequest: deps.guard.customer,
    config: { parameters: HELD_DECISION_PARAMETERS },
  };
  door.post("/v1.0/held/cancel", options, (request) =>
    decideHeld(deps, "cancel", principalOf(request), request.query),
  );
}
