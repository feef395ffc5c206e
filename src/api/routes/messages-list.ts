import type { MessageStore } from "../../store/accepting.ts";
import { viewMessage } from "../../domain/message-view.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { PAGE_TARGETS_MAX } from "../limits.ts";
import { readPage } from "../page-query.ts";
import { nextPageToken } from "../page-token.ts";
import { answers, pageOf } from "../schemas/answers.ts";
import { PAGE_PARAMETERS } from "../schemas/parameters.ts";

interface MessagesListDeps {
  readonly guard: Guard;
  readonly store: Pick<MessageStore, "listMessages">;
}

const schema = {
  tags: ["Messages"],
  summary: "List messages",
  description: "The newest first; deleted ones are left out. Follow `next_page_token` until a page is empty.",
  response: answers("One page of messages.", pageOf("Message")),
};

/** `GET /v1.0/messages`: the customer's messages, page by page, without holes or repeats. */
export function messagesList(door: Door, { guard, store }: MessagesListDeps): void {
  const options = { schema, onRequest: guard.customer, config: { parameters: PAGE_PARAMETERS } };
  door.get("/v1.0/messages", options, async (request) => {
    const { customerId } = principalOf(request);
    const page = await store.listMessages({
      customerId,
      ...readPage(request.query),
      targetLimit: PAGE_TARGETS_MAX,
    });
    return { result: page.map(viewMessage), next_page_token: nextPageToken(page) };
  });
}
