import type { Clock } from "../../domain/clock.ts";
import type { CustomerId } from "../../domain/ids.ts";
import type { Micros } from "../../domain/micros.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import type { NumberStore } from "../../store/numbering.ts";
import type { Audit } from "../audit.ts";
import type { Guard } from "../auth/guard.ts";
import type { Principals } from "../auth/principals.ts";
import { noSuchCustomer, optOutOf, primaryEndpoint } from "../customer-records.ts";
import { viewCustomer } from "../customer-view.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import { type InTurn, requireUnchanged } from "../in-turn.ts";
import { giveNumbersUp } from "../number-records.ts";
import { readPathId } from "../path-id.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

interface CustomersDeleteDeps {
  readonly guard: Guard;
  readonly audit: Audit;
  readonly store: Pick<
    DirectoryStore,
    "getCustomer" | "putCustomer" | "listEndpoints" | "getSetting" | "putEndpoint"
  > &
    Pick<NumberStore, "listNumbers" | "putNumber">;
  readonly inTurn: InTurn;
  readonly clock: Clock;
  readonly principals: Principals;
}

const schema = {
  tags: ["Administration"],
  summary: "Delete a customer",
  description:
    "Ends its tokens and access keys and switches its webhooks off; its numbers are free for others. Its messages stay; what is queued is still sent.",
  response: answers("The deleted customer.", reference("Customer")),
};

/** `DELETE /v1.0/customers/{id}` (admin); again is fine. */
export function customersDelete(door: Door, deps: CustomersDeleteDeps): void {
  const { store, inTurn, principals } = deps;
  door.delete("/v1.0/customers/:id", { schema, onRequest: deps.guard.admin }, async (request) => {
    const id = readPathId(request.params) as CustomerId; // branded: the form was just checked
    if (principalOf(request).customerId === id)
      throw new Refusal("RESOURCE_IN_USE", "you cannot delete yourself");
    return inTurn(id, async (noteChange) => {
      const before = await store.getCustomer(id);
      if (before === null) throw noSuchCustomer();
      const now = deps.clock.now();
      const customer = before.tmDelete === null ? { ...before, tmUpdate: now, tmDelete: now } : before;
      await switchEndpointsOff(store, id, now, noteChange);
      requireUnchanged(await store.putCustomer(customer, before));
      principals.forget();
      noteChange();
      await giveNumbersUp(store, id, now);
      await deps.audit(principalOf(request), "customer.removed", id, { username: customer.username });
      return viewCustomer(customer, await primaryEndpoint(store, id), await optOutOf(store, id));
    });
  });
}

/** Kept, not removed: their attempt logs still say what was sent where. */
async function switchEndpointsOff(
  store: CustomersDeleteDeps["store"],
  id: CustomerId,
  now: Micros,
  noteChange: () => void,
): Promise<void> {
  for (const endpoint of await store.listEndpoints(id)) {
    const off = { ...endpoint, disabledReason: "the customer was deleted", tmUpdate: now };
    requireUnchanged(await store.putEndpoint(off, endpoint));
    noteChange();
  }
}
