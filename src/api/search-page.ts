import type { Message } from "../domain/message.ts";
import { formatMicros } from "../domain/micros.ts";
import { timeOfId } from "../domain/ids.ts";
import type { MessageDeskStore, MessageFilter, MessageQuery } from "../store/accepting.ts";
import { SEARCH_CALLS_MAX } from "./limits.ts";
import { nextPageToken } from "./page-token.ts";

/** A page of what was found, and the token for the next. */
export interface SearchedPage {
  readonly messages: readonly Message[];
  readonly token: string;
}

/**
 * Looks on until something is found or the end is reached: a client stops at an empty page, so one must not come early. A
 * search that has found nothing after many calls gives its page back empty all the same, with a token to go on by.
 */
export async function searchPage(
  store: Pick<MessageDeskStore, "searchMessages">,
  query: MessageQuery,
  filter: MessageFilter,
): Promise<SearchedPage> {
  let { before } = query;
  for (let call = 1; ; call++) {
    const { messages, next } = await store.searchMessages({ ...query, before }, filter);
    if (next === null) return { messages, token: nextPageToken(messages) };
    if (messages.length > 0 || call === SEARCH_CALLS_MAX) return { messages, token: tokenOf(next) };
    before = next;
  }
}

function tokenOf(id: string): string {
  return `${formatMicros(timeOfId(id))}_${id}`;
}
