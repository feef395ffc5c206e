import type { DirectoryStore } from "../../store/directory.ts";
import type { Guard } from "../auth/guard.ts";
import { optOutOf, primaryEndpoint, requireCustomer } from "../customer-records.ts";
import { viewCustomer } from "../customer-view.ts";
import { type Door, principalOf } from "../door.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

interface CustomerGetDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "getCustomer" | "listEndpoints" | "getSetting">;
}

const schema = {
  tags: ["Account"],
  summary: "Read your account",
  response: answers("Your account.", reference("Customer")),
};

/** `GET /v1.0/customer`: the customer whose credential it is. */
export function customerGet(door: Door, { guard, store }: CustomerGetDeps): void {
  door.get("/v1.0/customer", { schema, onRequest: guard.customer }, async (request) => {
    const { customerId } = principalOf(request);
    const customer = await requireCustomer(store, customerId);
    const optOut = await optOutOf(store, customerId);
    return viewCustomer(customer, await primaryEndpoint(store, customerId), optOut);
  });
}
