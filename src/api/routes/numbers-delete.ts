import type { Clock } from "../../domain/clock.ts";
import type { NumberId } from "../../domain/ids.ts";
import type { OwnedNumber } from "../../domain/owned-number.ts";
import type { NumberStore } from "../../store/numbering.ts";
import type { Audit } from "../audit.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import type { InTurn } from "../in-turn.ts";
import { changeNumber, requireNumber } from "../number-records.ts";
import { viewNumber } from "../number-view.ts";
import { readPathId } from "../path-id.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

interface NumbersDeleteDeps {
  readonly guard: Guard;
  readonly audit: Audit;
  readonly store: NumberStore;
  readonly inTurn: InTurn;
  readonly clock: Clock;
}

const schema = {
  tags: ["Numbers"],
  summary: "Give a number up",
  description: "What handsets write to it is nobody's from now on; messages that came before stay.",
  response: answers("The number that was given up.", reference("Number")),
};

/** `DELETE /v1.0/numbers/{id}`. */
export function numbersDelete(door: Door, deps: NumbersDeleteDeps): void {
  const { guard, store, inTurn, clock, audit } = deps;
  door.delete("/v1.0/numbers/:id", { schema, onRequest: guard.customer }, async (request) => {
    const id = readPathId(request.params) as NumberId; // branded: the form was just checked
    return inTurn(`number ${id}`, async () => {
      const principal = principalOf(request);
      const before = await requireNumber(store, principal, id);
      const now = clock.now();
      const number: OwnedNumber = { ...before, tmUpdate: now, tmDelete: now };
      await changeNumber(store, number, before);
      if (before.customerId !== principal.customerId)
        await audit(principal, "number.removed", id, { customer_id: before.customerId });
      return viewNumber(number);
    });
  });
}
