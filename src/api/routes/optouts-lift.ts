import type { Clock } from "../../domain/clock.ts";
import type { CustomerId } from "../../domain/ids.ts";
import type { OptOutPeriod, OptOutStore } from "../../store/opting-out.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import { idAfter } from "../neighbour-id.ts";
import { viewOptOut } from "../opt-out-view.ts";
import { readPathId } from "../path-id.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

type Lifting = Pick<OptOutStore, "listOptOuts" | "endOptOut">;

interface OptOutsLiftDeps {
  readonly guard: Guard;
  readonly store: Lifting;
  readonly clock: Clock;
}

const schema = {
  tags: ["Numbers"],
  summary: "Lift an opt-out",
  description:
    "Ends the period, as START from the handset would; it stays listed. Only do so when the person asked for it.",
  response: answers("The period, ended.", reference("OptOut")),
};

/** `DELETE /v1.0/optouts/{id}`: doing it again answers the same. */
export function optOutsLift(door: Door, { guard, store, clock }: OptOutsLiftDeps): void {
  door.delete("/v1.0/optouts/:id", { schema, onRequest: guard.customer }, async (request) => {
    const id = readPathId(request.params);
    const { customerId } = principalOf(request);
    const period = await requirePeriod(store, customerId, id);
    if (period.until !== null) return viewOptOut(period);
    const ended = await store.endOptOut(customerId, period.sender, period.handset, clock.now(), "api");
    return viewOptOut(ended?.id === id ? ended : await requirePeriod(store, customerId, id));
  });
}

async function requirePeriod(store: Lifting, customerId: CustomerId, id: string): Promise<OptOutPeriod> {
  const all = { customerId, sender: null, handset: null, lasting: false };
  const [found] = await store.listOptOuts({ ...all, before: idAfter(id), limit: 1 });
  if (found?.id !== id) throw new Refusal("RESOURCE_NOT_FOUND", "there is no such opt-out");
  return found;
}
