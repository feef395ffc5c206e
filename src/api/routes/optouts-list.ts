import type { OptOutStore } from "../../store/opting-out.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, type Parameter, principalOf } from "../door.ts";
import { viewOptOut } from "../opt-out-view.ts";
import { readPage } from "../page-query.ts";
import { nextPageToken } from "../page-token.ts";
import { readFlag, readTarget } from "../query.ts";
import { answers, pageOf } from "../schemas/answers.ts";
import { PAGE_PARAMETERS } from "../schemas/parameters.ts";

interface OptOutsListDeps {
  readonly guard: Guard;
  readonly store: Pick<OptOutStore, "listOptOuts">;
}

const schema = {
  tags: ["Numbers"],
  summary: "List opt-outs",
  description: "Who wants no messages from whom, the newest first; periods that ended are there too.",
  response: answers("One page of opt-outs.", pageOf("OptOut")),
};

const parameters: readonly Parameter[] = [
  ...PAGE_PARAMETERS,
  { in: "query", name: "sender", description: "Only of this sender.", schema: { type: "string" } },
  { in: "query", name: "handset", description: "Only of this handset.", schema: { type: "string" } },
  {
    in: "query",
    name: "lasting",
    description: "`true` leaves out those that ended.",
    schema: { type: "boolean", default: false },
  },
];

/** `GET /v1.0/optouts`. */
export function optOutsList(door: Door, { guard, store }: OptOutsListDeps): void {
  const options = { schema, onRequest: guard.customer, config: { parameters } };
  door.get("/v1.0/optouts", options, async ({ query, ...request }) => {
    const page = await store.listOptOuts({
      customerId: principalOf(request).customerId,
      sender: readTarget(query, "sender"),
      handset: readTarget(query, "handset"),
      lasting: readFlag(query, "lasting"),
      ...readPage(query),
    });
    const listed = page.map(({ id, since }) => ({ id, tmCreate: since }));
    return { result: page.map(viewOptOut), next_page_token: nextPageToken(listed) };
  });
}
