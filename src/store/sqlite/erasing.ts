import type { ErasureStore } from "../erasing.ts";
import { decodeErasure } from "./erase-number.ts";
import type { StoreThreads } from "./store-threads.ts";

/** Erasing numbers, on the two threads. */
export function createErasing({ write }: StoreThreads): ErasureStore {
  return {
    eraseNumber: async (number, now, limit) =>
      decodeErasure(await write(["eraseNumber", number, now, limit])),
  };
}
