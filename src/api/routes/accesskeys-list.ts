import type { DirectoryStore } from "../../store/directory.ts";
import { viewAccessKey } from "../access-key-view.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { readPage } from "../page-query.ts";
import { nextPageToken } from "../page-token.ts";
import { answers, pageOf } from "../schemas/answers.ts";
import { PAGE_PARAMETERS } from "../schemas/parameters.ts";

interface AccessKeysListDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "listAccessKeys">;
}

const schema = {
  tags: ["Access keys"],
  summary: "List your access keys",
  response: answers("Your keys, the newest first.", pageOf("AccessKey")),
};

/** `GET /v1.0/accesskeys`: the customer's keys that are not deleted. */
export function accessKeysList(door: Door, { guard, store }: AccessKeysListDeps): void {
  const options = { schema, onRequest: guard.customer, config: { parameters: PAGE_PARAMETERS } };
  door.get("/v1.0/accesskeys", options, async (request) => {
    const page = await store.listAccessKeys(principalOf(request).customerId, readPage(request.query));
    return { result: page.map(viewAccessKey), next_page_token: nextPageToken(page) };
  });
}
