import type { Gathering, InboundStore } from "../gathering.ts";
import { decodeReceptionOutcomes, encodeReceptions } from "./receive-messages.ts";
import type { StoreThreads } from "./store-threads.ts";
import { readJson } from "./wire.ts";

/** What handsets send, on the two threads. */
export function createGathering({ write, read }: StoreThreads): InboundStore {
  return {
    async keepParts(parts) {
      return readJson(await write(["keepParts", JSON.stringify(parts)])) as Gathering[];
    },
    async findGatherings(firstBefore, limit) {
      return readJson(await read(["findGatherings", firstBefore, limit])) as Gathering[];
    },
    receiveMessages: async (entries) => decodeReceptionOutcomes(await write(encodeReceptions(entries))),
  };
}
