import type { Guard } from "../auth/guard.ts";
import { changeCustomer, type ChangeDeps } from "../change-customer.ts";
import { type Door, principalOf } from "../door.ts";
import { answers } from "../schemas/answers.ts";
import { CustomerUpdateBody } from "../schemas/customer.ts";
import { reference } from "../schemas/reference.ts";

const schema = {
  tags: ["Account"],
  summary: "Change your account",
  description: "Also sets where webhooks go. What is left out stays as it is.",
  body: CustomerUpdateBody,
  response: answers("Your account as it is now.", reference("Customer")),
};

/** `PUT /v1.0/customer`: what a customer may change of itself. */
export function customerUpdate(door: Door, deps: ChangeDeps & { readonly guard: Guard }): void {
  door.put("/v1.0/customer", { schema, onRequest: deps.guard.customer }, async (request) => {
    const { name, detail, email, phone_number, address, webhook_method, webhook_uri, opt_out } = request.body;
    const change = { name, detail, email, phone_number, address, webhook_method, webhook_uri, opt_out };
    return changeCustomer(deps, principalOf(request).customerId, change);
  });
}
