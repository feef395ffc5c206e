import { Type } from "typebox";
import type { CustomerId } from "../../domain/ids.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import type { Audit } from "../audit.ts";
import type { Guard } from "../auth/guard.ts";
import { changePassword, type PasswordDeps } from "../change-password.ts";
import { optOutOf, primaryEndpoint } from "../customer-records.ts";
import { viewCustomer } from "../customer-view.ts";
import { type Door, principalOf } from "../door.ts";
import { readPathId } from "../path-id.ts";
import { answers } from "../schemas/answers.ts";
import { PasswordBody } from "../schemas/customer.ts";
import { reference } from "../schemas/reference.ts";

interface CustomersPasswordDeps extends PasswordDeps {
  readonly guard: Guard;
  readonly audit: Audit;
  readonly store: PasswordDeps["store"] & Pick<DirectoryStore, "listEndpoints" | "getSetting">;
}

const schema = {
  tags: ["Administration"],
  summary: "Reset a customer's password",
  description: "Ends every token that the customer holds. Access keys stay good.",
  body: Type.Object({ password: PasswordBody }, { examples: [{ password: "…" }] }),
  response: answers("The customer.", reference("Customer")),
};

/** `PUT /v1.0/customers/{id}/password` (admin): a new password, without the old one. */
export function customersPassword(door: Door, deps: CustomersPasswordDeps): void {
  door.put("/v1.0/customers/:id/password", { schema, onRequest: deps.guard.admin }, async (request) => {
    const id = readPathId(request.params) as CustomerId; // branded: the form was just checked
    const primary = await primaryEndpoint(deps.store, id); // first: after the change nothing may fail any more
    const optOut = await optOutOf(deps.store, id);
    const customer = await changePassword(deps, id, request.body.password, async () => undefined);
    await deps.audit(principalOf(request), "customer.password_changed", id, { username: customer.username });
    return viewCustomer(customer, primary, optOut);
  });
}
