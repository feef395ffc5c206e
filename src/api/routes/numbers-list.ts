import type { DirectoryStore } from "../../store/directory.ts";
import type { NumberStore } from "../../store/numbering.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, type Parameter, principalOf } from "../door.ts";
import { viewNumber } from "../number-view.ts";
import { readPage } from "../page-query.ts";
import { nextPageToken } from "../page-token.ts";
import { answers, pageOf } from "../schemas/answers.ts";
import { PAGE_PARAMETERS } from "../schemas/parameters.ts";
import { usernames } from "../usernames.ts";
import { readWhose, whoseParameter } from "../whose.ts";

interface NumbersListDeps {
  readonly guard: Guard;
  readonly store: Pick<NumberStore, "listNumbers"> & Pick<DirectoryStore, "getCustomer">;
}

const schema = {
  tags: ["Numbers"],
  summary: "List numbers",
  description: "Yours; an administrator sees everybody's, or those of `customer_id`.",
  response: answers("One page of numbers.", pageOf("Number")),
};

const parameters: readonly Parameter[] = [
  ...PAGE_PARAMETERS,
  whoseParameter("For administrators: whose numbers."),
];

/** `GET /v1.0/numbers`: the newest first. */
export function numbersList(door: Door, { guard, store }: NumbersListDeps): void {
  const options = { schema, onRequest: guard.customer, config: { parameters } };
  door.get("/v1.0/numbers", options, async (request) => {
    const principal = principalOf(request);
    const page = await store.listNumbers(readWhose(principal, request.query), readPage(request.query));
    const nameOf = principal.isAdmin ? await usernames(store, page) : null;
    const result = page.map((number) => ({
      ...viewNumber(number),
      ...(nameOf !== null && { customer: nameOf(number.customerId) }),
    }));
    return { result, next_page_token: nextPageToken(page) };
  });
}
