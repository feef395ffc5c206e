import type { Clock } from "../../domain/clock.ts";
import type { NumberId } from "../../domain/ids.ts";
import type { OwnedNumber } from "../../domain/owned-number.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import type { NumberStore } from "../../store/numbering.ts";
import type { Audit } from "../audit.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import type { InTurn } from "../in-turn.ts";
import { changeNumber, ownerFor, requireNumber } from "../number-records.ts";
import { viewNumber } from "../number-view.ts";
import { readOptOutSettings } from "../opt-out-settings.ts";
import { readPathId } from "../path-id.ts";
import { answers } from "../schemas/answers.ts";
import { NumberUpdateBody } from "../schemas/number.ts";
import { reference } from "../schemas/reference.ts";

interface NumbersUpdateDeps {
  readonly guard: Guard;
  readonly audit: Audit;
  readonly store: NumberStore & Pick<DirectoryStore, "getCustomer">;
  readonly inTurn: InTurn;
  readonly clock: Clock;
}

const schema = {
  tags: ["Numbers"],
  summary: "Change a number",
  description: "What is left out stays. An administrator can give it to another customer.",
  body: NumberUpdateBody,
  response: answers("The number as it is now.", reference("Number")),
};

/** `PUT /v1.0/numbers/{id}`: its name, detail, opt-out settings and, for an administrator, its owner. */
export function numbersUpdate(door: Door, deps: NumbersUpdateDeps): void {
  const { guard, store, inTurn, clock, audit } = deps;
  door.put("/v1.0/numbers/:id", { schema, onRequest: guard.customer }, async (request) => {
    const id = readPathId(request.params) as NumberId; // branded: the form was just checked
    const principal = principalOf(request);
    return inTurn(`number ${id}`, async () => {
      const before = await requireNumber(store, principal, id);
      const { name = before.name, detail = before.detail, opt_out, customer_id } = request.body;
      const owner = await ownerFor(store, principal, customer_id);
      const number: OwnedNumber = {
        ...before,
        name,
        detail,
        customerId: customer_id === undefined ? before.customerId : owner,
        optOut: opt_out === undefined ? before.optOut : readOptOutSettings(opt_out),
        tmUpdate: clock.now(),
      };
      await changeNumber(store, number, before);
      if (before.customerId !== principal.customerId || number.customerId !== principal.customerId)
        await audit(principal, "number.changed", id, { customer_id: number.customerId });
      return viewNumber(number);
    });
  });
}
