import { isUuid, type CustomerId } from "../../domain/ids.ts";
import type { NumberStore } from "../../store/numbering.ts";
import type { Guard } from "../auth/guard.ts";
import type { Principal } from "../auth/principals.ts";
import { type Door, type Parameter, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import { viewNumber } from "../number-view.ts";
import { readPage } from "../page-query.ts";
import { nextPageToken } from "../page-token.ts";
import { readParameter } from "../query.ts";
import { answers, pageOf } from "../schemas/answers.ts";
import { PAGE_PARAMETERS } from "../schemas/parameters.ts";

interface NumbersListDeps {
  readonly guard: Guard;
  readonly store: Pick<NumberStore, "listNumbers">;
}

const schema = {
  tags: ["Numbers"],
  summary: "List numbers",
  description: "Yours; an administrator sees everybody's, or those of `customer_id`.",
  response: answers("One page of numbers.", pageOf("Number")),
};

const parameters: readonly Parameter[] = [
  ...PAGE_PARAMETERS,
  {
    in: "query",
    name: "customer_id",
    description: "For administrators: whose numbers.",
    schema: { type: "string", format: "uuid" },
  },
];

/** `GET /v1.0/numbers`: the newest first. */
export function numbersList(door: Door, { guard, store }: NumbersListDeps): void {
  const options = { schema, onRequest: guard.customer, config: { parameters } };
  door.get("/v1.0/numbers", options, async (request) => {
    const whose = readWhose(principalOf(request), readParameter(request.query, "customer_id"));
    const page = await store.listNumbers(whose, readPage(request.query));
    return { result: page.map(viewNumber), next_page_token: nextPageToken(page) };
  });
}

function readWhose({ customerId, isAdmin }: Principal, asked: string): CustomerId | null {
  if (asked === "") return isAdmin ? null : customerId;
  const field = "customer_id";
  if (!isUuid(asked)) throw new Refusal("INVALID_REQUEST_PARAMETER", "customer_id must be a UUID", { field });
  const whose = asked.toLowerCase() as CustomerId; // branded: the form was just checked
  if (isAdmin || whose === customerId) return whose;
  throw new Refusal("PERMISSION_DENIED", "customer_id needs the admin permission", { field });
}
