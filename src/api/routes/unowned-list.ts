import { UNOWNED } from "../../domain/inbound.ts";
import { viewMessage } from "../../domain/message-view.ts";
import type { MessageStore } from "../../store/accepting.ts";
import type { Guard } from "../auth/guard.ts";
import type { Door } from "../door.ts";
import { PAGE_TARGETS_MAX } from "../limits.ts";
import { readPage } from "../page-query.ts";
import { nextPageToken } from "../page-token.ts";
import { answers, pageOf } from "../schemas/answers.ts";
import { PAGE_PARAMETERS } from "../schemas/parameters.ts";

interface UnownedListDeps {
  readonly guard: Guard;
  readonly store: Pick<MessageStore, "listMessages">;
}

const schema = {
  tags: ["Administration"],
  summary: "List messages that nobody owns",
  description:
    "What handsets wrote to numbers without an owner, the newest first. Give the number to a customer for what comes next.",
  response: answers("One page of messages.", pageOf("Message")),
};

/** `GET /v1.0/unowned` (admin). */
export function unownedList(door: Door, { guard, store }: UnownedListDeps): void {
  const options = { schema, onRequest: guard.admin, config: { parameters: PAGE_PARAMETERS } };
  door.get("/v1.0/unowned", options, async (request) => {
    const page = await store.listMessages({
      customerId: UNOWNED,
      ...readPage(request.query),
      targetLimit: PAGE_TARGETS_MAX,
    });
    return { result: page.map(viewMessage), next_page_token: nextPageToken(page) };
  });
}
