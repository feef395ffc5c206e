import type { CustomerId } from "../../domain/ids.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import type { Guard } from "../auth/guard.ts";
import { optOutOf, primaryEndpoint, requireCustomer } from "../customer-records.ts";
import { viewCustomer } from "../customer-view.ts";
import type { Door } from "../door.ts";
import { readPathId } from "../path-id.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

interface CustomersGetDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "getCustomer" | "listEndpoints" | "getSetting">;
}

const schema = {
  tags: ["Administration"],
  summary: "Read a customer",
  response: answers("The customer.", reference("Customer")),
};

/** `GET /v1.0/customers/{id}` (admin). */
export function customersGet(door: Door, { guard, store }: CustomersGetDeps): void {
  door.get("/v1.0/customers/:id", { schema, onRequest: guard.admin }, async (request) => {
    const id = readPathId(request.params) as CustomerId; // branded: the form was just checked
    const customer = await requireCustomer(store, id);
    return viewCustomer(customer, await primaryEndpoint(store, id), await optOutOf(store, id));
  });
}
