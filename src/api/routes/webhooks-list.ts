import { Type } from "typebox";
import type { Customer } from "../../domain/customer.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, type Parameter, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import { readPage } from "../page-query.ts";
import { nextPageToken } from "../page-token.ts";
import { readFlag } from "../query.ts";
import { answers } from "../schemas/answers.ts";
import { PAGE_PARAMETERS } from "../schemas/parameters.ts";
import { reference } from "../schemas/reference.ts";
import { viewWebhook } from "../webhook-view.ts";

interface WebhooksListDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "listEndpoints" | "listCustomers">;
}

const schema = {
  tags: ["Webhooks"],
  summary: "List webhooks",
  description:
    "Yours, all of them: the account's own first, then by age. With `all`, everybody's: a page has those of `page_size` customers, the newest customer first.",
  response: answers(
    "All of them, or one page of everybody's.",
    Type.Object({ result: Type.Array(reference("Webhook")), next_page_token: Type.String() }),
  ),
};

const EVERYBODYS = "all";

const parameters: readonly Parameter[] = [
  {
    in: "query",
    name: EVERYBODYS,
    description: "For administrators: `true` for everybody's.",
    schema: { type: "boolean" },
  },
  ...PAGE_PARAMETERS,
];

/** `GET /v1.0/webhooks`: a customer has a handful, so there are pages of everybody's alone. */
export function webhooksList(door: Door, { guard, store }: WebhooksListDeps): void {
  const options = { schema, onRequest: guard.customer, config: { parameters } };
  door.get("/v1.0/webhooks", options, async (request) => {
    const { customerId, isAdmin } = principalOf(request);
    if (!readFlag(request.query, EVERYBODYS)) {
      const endpoints = await store.listEndpoints(customerId);
      return { result: endpoints.map(viewWebhook), next_page_token: "" };
    }
    if (!isAdmin) throw new Refusal("PERMISSION_DENIED", `${EVERYBODYS} needs the admin permission`);
    const customers = await store.listCustomers(readPage(request.query));
    const result = await Promise.all(customers.map((customer) => webhooksOf(customer, store)));
    return { result: result.flat(), next_page_token: nextPageToken(customers) };
  });
}

async function webhooksOf({ id, username }: Customer, store: WebhooksListDeps["store"]) {
  const endpoints = await store.listEndpoints(id);
  return endpoints.map((endpoint) => ({ ...viewWebhook(endpoint), customer: username }));
}
