import type { ErasureStore } from "../erasing.ts";
import { decodeErasure } from "./erase-number.ts";
import type { StoreThreads } from "./store-threads.ts";

/**
 * Erasing numbers, on the two threads.
 * @param wipeJournal overwrites what the journal of acceptances still holds
 */
export function createErasing({ write }: StoreThreads, wipeJournal: () => Promise<void>): ErasureStore {
  return {
    async eraseNumber(number, now, limit) {
      const erased = decodeErasure(await write(["eraseNumber", number, now, limit]));
      if (!erased.more) await wipeJournal();
      return erased;
    },
  };
}
