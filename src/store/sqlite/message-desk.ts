import type { MessageDeskStore } from "../accepting.ts";
import { decodeCancellations, encodeCancellations } from "./cancel-messages.ts";
import { decodeResendings, encodeResendings } from "./resend-messages.ts";
import { decodeSearchPage, encodeSearch } from "./search-messages.ts";
import type { StoreThreads } from "./store-threads.ts";

/** Searching, canceling and resending messages, on the two threads. */
export function createMessageDesk({ write, read }: StoreThreads): MessageDeskStore {
  return {
    searchMessages: async (query, filter) =>
      decodeSearchPage(await read(encodeSearch(query, filter), query.customerId)),
    cancelMessages: async (changes) => decodeCancellations(await write(encodeCancellations(changes))),
    resendMessages: async (changes) => decodeResendings(await write(encodeResendings(changes))),
  };
}
