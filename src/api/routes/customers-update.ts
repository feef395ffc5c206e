import type { CustomerId } from "../../domain/ids.ts";
import { ADMIN_PERMISSION } from "../../domain/customer.ts";
import type { Audit } from "../audit.ts";
import type { Guard } from "../auth/guard.ts";
import { changeCustomer, type ChangeDeps } from "../change-customer.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import { readPathId } from "../path-id.ts";
import { answers } from "../schemas/answers.ts";
import { CustomersUpdateBody } from "../schemas/customer.ts";
import { reference } from "../schemas/reference.ts";

const schema = {
  tags: ["Administration"],
  summary: "Change a customer",
  description: "What is left out stays as it is.",
  body: CustomersUpdateBody,
  response: answers("The customer as it is now.", reference("Customer")),
};

/** `PUT /v1.0/customers/{id}` (admin): what the customer may change itself, and its permissions. */
export function customersUpdate(
  door: Door,
  deps: ChangeDeps & { readonly guard: Guard; readonly audit: Audit },
): void {
  door.put("/v1.0/customers/:id", { schema, onRequest: deps.guard.admin }, async (request) => {
    const id = readPathId(request.params) as CustomerId; // branded: the form was just checked
    const { permission_ids } = request.body;
    const isOwn = principalOf(request).customerId === id;
    if (isOwn && permission_ids !== undefined && !permission_ids.includes(ADMIN_PERMISSION)) {
      // or the last administrator could lock everybody out
      throw new Refusal("RESOURCE_IN_USE", "you cannot take the admin permission from yourself", {
        field: "permission_ids",
      });
    }
    const view = await changeCustomer(deps, id, request.body);
    const fields = Object.keys(CustomersUpdateBody.properties).filter((name) => name in request.body);
    const { retention_days, retention_content_days } = request.body;
    await deps.audit(principalOf(request), "customer.changed", id, {
      fields: fields.join(" "),
      ...(retention_days !== undefined && { retention_days }),
      ...(retention_content_days !== undefined && { retention_content_days }),
    });
    return view;
  });
}
