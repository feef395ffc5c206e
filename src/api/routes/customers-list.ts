import type { DirectoryStore } from "../../store/directory.ts";
import type { Guard } from "../auth/guard.ts";
import { optOutOf, primaryEndpoint } from "../customer-records.ts";
import { viewCustomer } from "../customer-view.ts";
import type { Door } from "../door.ts";
import { readPage } from "../page-query.ts";
import { nextPageToken } from "../page-token.ts";
import { answers, pageOf } from "../schemas/answers.ts";
import { PAGE_PARAMETERS } from "../schemas/parameters.ts";

interface CustomersListDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "listCustomers" | "listEndpoints" | "getSetting">;
}

const schema = {
  tags: ["Administration"],
  summary: "List customers",
  response: answers("Customers, the newest first.", pageOf("Customer")),
};

/** `GET /v1.0/customers` (admin): all customers that are not deleted. */
export function customersList(door: Door, { guard, store }: CustomersListDeps): void {
  const options = { schema, onRequest: guard.admin, config: { parameters: PAGE_PARAMETERS } };
  door.get("/v1.0/customers", options, async (request) => {
    const page = await store.listCustomers(readPage(request.query));
    const result = await Promise.all(
      page.map(async (customer) =>
        viewCustomer(customer, await primaryEndpoint(store, customer.id), await optOutOf(store, customer.id)),
      ),
    );
    return { result, next_page_token: nextPageToken(page) };
  });
}
