import type { MessageDeskStore, MessageStore } from "../../store/accepting.ts";
import { viewMessage } from "../../domain/message-view.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { PAGE_TARGETS_MAX } from "../limits.ts";
import { FILTER_PARAMETERS, readFilter } from "../message-filter.ts";
import { readPage } from "../page-query.ts";
import { nextPageToken } from "../page-token.ts";
import { searchPage } from "../search-page.ts";
import { answers, pageOf } from "../schemas/answers.ts";
import { PAGE_PARAMETERS } from "../schemas/parameters.ts";

interface MessagesListDeps {
  readonly guard: Guard;
  readonly store: Pick<MessageStore, "listMessages"> & Pick<MessageDeskStore, "searchMessages">;
}

const schema = {
  tags: ["Messages"],
  summary: "List messages",
  description:
    "The newest first; deleted ones are left out. Follow `next_page_token` until it is empty. Every condition that is given must hold; where much has to be looked through, a page may be empty and have a token to go on by.",
  response: answers("One page of messages.", pageOf("Message")),
};

/** `GET /v1.0/messages`: the customer's messages, page by page, without holes or repeats. */
export function messagesList(door: Door, { guard, store }: MessagesListDeps): void {
  const options = {
    schema,
    onRequest: guard.customer,
    config: { parameters: [...PAGE_PARAMETERS, ...FILTER_PARAMETERS] },
  };
  door.get("/v1.0/messages", options, async (request) => {
    const { customerId } = principalOf(request);
    const query = { customerId, ...readPage(request.query), targetLimit: PAGE_TARGETS_MAX };
    const filter = readFilter(request.query);
    if (filter !== null) {
      const { messages, token } = await searchPage(store, query, filter);
      return { result: messages.map(viewMessage), next_page_token: token };
    }
    const page = await store.listMessages(query);
    return { result: page.map(viewMessage), next_page_token: nextPageToken(page) };
  });
}
